/* The same function as in dot.c, for an archive (.a) that somebody else compiled, with other options. */
#include <string.h>

double dot(const double *x, const double *y, long long count) {
    double sum = 0, block[64];
    for (long long done = 0; done < count; done += 64) {
        long long some = count - done < 64 ? count - done : 64;
        memcpy(block, x + done, (size_t)some * sizeof *x);
        for (long long i = 0; i < some; i++) sum += block[i] * y[done + i];
    }
    return sum;
}
