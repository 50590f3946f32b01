/* The limits: a call that does nothing, BLAS in a loop without Python, and how fast memory can be read at all. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cblas.h>

static PyObject *empty(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    (void)self, (void)arguments, (void)count;
    return PyFloat_FromDouble(0.0);
}

/* Two streams of doubles, multiplied and added up in 32 separate sums, so that no addition waits for the one before. */
__attribute__((noinline)) static double read_both(const double *restrict x, const double *restrict y, Py_ssize_t n) {
    enum { WIDE = 32 };
    double sums[WIDE] = {0}, sum = 0.0;
    Py_ssize_t i = 0;
    for (; i + WIDE <= n; i += WIDE)
        for (int j = 0; j < WIDE; ++j) sums[j] += x[i + j] * y[i + j];
    for (; i < n; ++i) sum += x[i] * y[i];
    for (int j = 0; j < WIDE; ++j) sum += sums[j];
    return sum;
}

/* f(x, y, times): x and y are vectors of doubles that lend their memory. */
static PyObject *repeat(PyObject *const *arguments, Py_ssize_t count, int with_blas) {
    Py_buffer x, y;
    if (count != 3) return PyErr_Format(PyExc_TypeError, "three arguments, please");
    const long times = PyLong_AsLong(arguments[2]);
    if (PyErr_Occurred() || PyObject_GetBuffer(arguments[0], &x, PyBUF_STRIDES) < 0) return NULL;
    if (PyObject_GetBuffer(arguments[1], &y, PyBUF_STRIDES) < 0) {
        PyBuffer_Release(&x);
        return NULL;
    }
    double sum = 0.0;
    const int fits = x.ndim == 1 && y.ndim == 1 && x.shape[0] == y.shape[0] && x.itemsize == 8 && y.itemsize == 8 &&
                     x.strides[0] > 0 && y.strides[0] > 0;
    if (fits) {
        const int n = (int)x.shape[0], x_step = (int)(x.strides[0] / 8), y_step = (int)(y.strides[0] / 8);
        for (long i = 0; i < times; ++i) {
            sum = with_blas ? cblas_ddot(n, x.buf, x_step, y.buf, y_step) : read_both(x.buf, y.buf, n);
            __asm__ volatile("" ::: "memory"); /* or the compiler would see that one round is enough */
        }
    }
    PyBuffer_Release(&x);
    PyBuffer_Release(&y);
    return fits ? PyFloat_FromDouble(sum) : PyErr_Format(PyExc_ValueError, "two vectors of doubles, please");
}

static PyObject *blas_loop(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    (void)self;
    return repeat(arguments, count, 1);
}

static PyObject *read_loop(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    (void)self;
    return repeat(arguments, count, 0);
}

static PyMethodDef methods[] = {
    {"empty", (PyCFunction)(void (*)(void))empty, METH_FASTCALL, NULL},
    {"blas_loop", (PyCFunction)(void (*)(void))blas_loop, METH_FASTCALL, NULL},
    {"read_loop", (PyCFunction)(void (*)(void))read_loop, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "limits", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_limits(void) { return PyModule_Create(&module); }
