// The dot product of two vectors: NumPy arrays come in, OpenBLAS computes, a Python float goes out.

#include <cblas.h>
#include <pybind11/numpy.h>

#include <algorithm>
#include <climits>
#include <cstdint>
#include <string>

namespace py = pybind11;

// BLAS counts in 32-bit integers, so a longer vector goes to it in pieces. The tests also build with a tiny limit.
#ifndef LONGEST_PIECE
#define LONGEST_PIECE INT_MAX
#endif

// What the sum needs to know: element i of the vector is data[i * step].
struct Vector {
    const double *data;
    py::ssize_t size, step;
};

// Fill in `v` if this array can be used where it lies. If not (wrong type, byte order or alignment), a copy is needed.
static bool use_in_place(const py::handle &object, Vector &v) {
    if (!py::isinstance<py::array>(object)) return false;
    const auto a = py::reinterpret_borrow<py::array>(object);
    const py::dtype dtype = a.dtype();
    if (a.ndim() != 1 || dtype.num() != py::dtype::num_of<double>() || dtype.byteorder() != '=') return false;
    constexpr py::ssize_t width = sizeof(double);
    v = {static_cast<const double *>(a.data()), a.shape(0), a.strides(0) / width};
    return a.strides(0) % width == 0 && reinterpret_cast<std::uintptr_t>(v.data) % alignof(double) == 0;
}

// Turn anything else into a vector of doubles, or say why that cannot be.
static py::array as_vector(const py::object &object, const std::string &name) {
    const py::array a(object);  // as numpy.asarray: the same array, or a new one made from a list and the like
    const std::string shape = name + " must have one dimension, and this " + Py_TYPE(object.ptr())->tp_name + " has ";
    if (a.ndim() == 0) throw py::type_error(shape + "none");
    if (a.ndim() > 1) throw py::value_error(shape + std::to_string(a.ndim()));
    Vector unused;
    if (use_in_place(a, unused)) return a;

    py::array_t<double> copy(a.size());
    const char kind = a.dtype().kind();
    if (std::string("biuf").find(kind) != std::string::npos) {  // bool, int, unsigned, float, of any size
        copy[py::ellipsis()] = a;
    } else if (kind == 'O') {  // Python objects: NumPy would read "1.5" as 1.5 and None as NaN, so we ask each of them
        py::ssize_t i = 0;
        for (const py::handle item : a) {
            const double value = PyFloat_AsDouble(item.ptr());
            if (value == -1.0 && PyErr_Occurred()) {
                const std::string what = name + "[" + std::to_string(i) + "] is not a real number";
                if (PyErr_ExceptionMatches(PyExc_TypeError)) py::raise_from(PyExc_TypeError, what.c_str());
                throw py::error_already_set();
            }
            copy.mutable_at(i++) = value;
        }
    } else {
        throw py::type_error(name + " must hold real numbers, not " + py::cast<std::string>(a.dtype().attr("name")));
    }
    return copy;
}

// NumPy points at element 0. BLAS wants the lowest address, which with a negative step is that of the last element.
static const double *lowest(const Vector &v, py::ssize_t first, py::ssize_t size) {
    return v.data + (v.step < 0 ? first + size - 1 : first) * v.step;
}

static double dot(const Vector &x, const Vector &y) {
    double sum = 0.0;
    const auto blas_knows = [](py::ssize_t step) { return step != 0 && -INT_MAX <= step && step <= INT_MAX; };
    if (!blas_knows(x.step) || !blas_knows(y.step)) {  // a broadcast vector, or giant steps
        for (py::ssize_t i = 0; i < x.size; ++i) sum += x.data[i * x.step] * y.data[i * y.step];
        return sum;
    }
    for (py::ssize_t first = 0; first < x.size; first += LONGEST_PIECE) {
        const py::ssize_t size = std::min<py::ssize_t>(x.size - first, LONGEST_PIECE);
        sum += cblas_ddot(static_cast<int>(size), lowest(x, first, size), static_cast<int>(x.step),
                          lowest(y, first, size), static_cast<int>(y.step));
    }
    return sum;
}

static double ddot(const py::object &x, const py::object &y) {
    Vector a, b;
    py::object x_array, y_array;  // keep what was converted alive until the sum is done
    if (!use_in_place(x, a) || !use_in_place(y, b)) {
        x_array = as_vector(x, "x");
        y_array = as_vector(y, "y");
        // Look again, for converting y may run Python code, and that can do anything to x.
        if (!use_in_place(x_array, a) || !use_in_place(y_array, b))
            throw py::value_error("x was changed while y was converted");
    }
    if (a.size != b.size)
        throw py::value_error("x has length " + std::to_string(a.size) + " and y has length " +
                              std::to_string(b.size) + ": a dot product needs two vectors of the same length");
    // To let other Python threads run costs some 30 ns: too much for a short sum, nothing beside a long one.
    if (a.size < 10000) return dot(a, b);
    const py::gil_scoped_release others_may_run;
    return dot(a, b);
}

PYBIND11_MODULE(example, m) {
    m.doc() = "The dot product of two vectors, computed by OpenBLAS.";
    m.def("ddot", &ddot, py::arg("x"), py::arg("y"), R"(Return the dot product of two vectors of the same length.

x, y: one-dimensional array-likes of real numbers. Float64 arrays are used where they lie, strided and reversed ones
    too. Anything else (other types, lists, array.array) is first converted to float64.

Two empty vectors give 0.0. NaN and infinity are treated as NumPy treats them.

Raises ValueError if the lengths differ or a vector has more than one dimension, and TypeError if it has none or holds
anything but real numbers (complex numbers, text, dates, None). A Python integer beyond the range of a double raises
OverflowError.)");
}
