/* The twin's extension: plain C, and nothing but Python's limited API of 3.11. */
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

double dot(const double *x, const double *y, long long count); /* of the library */

static PyObject *call(PyObject *module, PyObject *args) {
    Py_buffer x, y;
    if (!PyArg_ParseTuple(args, "y*y*", &x, &y)) return NULL;
    long long size = x.len < y.len ? x.len : y.len;
    double sum = dot(x.buf, y.buf, size / (long long)sizeof(double));
    PyBuffer_Release(&x);
    PyBuffer_Release(&y);
    return PyFloat_FromDouble(sum);
}

static PyMethodDef methods[] = {{"dot", call, METH_VARARGS, "The dot product of two arrays of doubles."}, {0}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_dot", NULL, -1, methods};
PyMODINIT_FUNC PyInit__dot(void) { return PyModule_Create(&definition); }
