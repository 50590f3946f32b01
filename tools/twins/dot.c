/* The twin's library: it stands in for OpenBLAS. */
#ifdef _WIN32
__declspec(dllexport)
#endif
double dot(const double *x, const double *y, long long count) {
    double sum = 0;
    for (long long i = 0; i < count; i++) sum += x[i] * y[i];
    return sum;
}
