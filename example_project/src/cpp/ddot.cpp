// The dot product of two vectors: numbers come in from Python, OpenBLAS computes, a Python float goes out.

#include <cblas.h>
#include <pybind11/critical_section.h>
#include <pybind11/numpy.h>

#include <climits>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

namespace py = pybind11;

// To let other Python threads run costs some 20 ns: too much for a short sum, nothing beside one of this length.
constexpr py::ssize_t WORTH_RELEASING_THE_GIL = 10000;

struct Vector {  // element i is data[i * step]
    const double *data;
    py::ssize_t size, step;
};

// Fill in `v` if this is an array that BLAS can read where it lies: native, aligned doubles, in whole steps.
static bool in_place(py::handle object, Vector &v) {
    if (!py::isinstance<py::array>(object)) return false;
    const auto a = py::reinterpret_borrow<py::array>(object);
    const py::dtype dtype = a.dtype();
    if (a.ndim() != 1 || dtype.num() != py::dtype::num_of<double>() || dtype.byteorder() != '=') return false;
    constexpr py::ssize_t width = sizeof(double);
    v = {static_cast<const double *>(a.data()), a.shape(0), a.strides(0) / width};
    return a.strides(0) % width == 0 && reinterpret_cast<std::uintptr_t>(v.data) % alignof(double) == 0;
}

// Copy a list of numbers. Floats and ints are just read. To read anything else may run Python code, which can change
// any list but one that is `ours` alone: for another one we give up, and return nothing.
static py::object copied(const py::list &list, const std::string &name, bool ours) {
    const py::scoped_critical_section no_other_thread_changes_it(list);
    const auto size = static_cast<py::ssize_t>(list.size());
    py::array_t<double> copy(size);
    double *out = copy.mutable_data();
    for (py::ssize_t i = 0; i < size; ++i) {
        PyObject *item = PyList_GET_ITEM(list.ptr(), i);
        if (PyFloat_CheckExact(item)) { out[i] = PyFloat_AS_DOUBLE(item); continue; }
        if (!ours && !PyLong_CheckExact(item)) return {};
        out[i] = PyFloat_AsDouble(item);
        if (!PyErr_Occurred()) continue;
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) throw py::error_already_set();
        py::raise_from(PyExc_TypeError, (name + "[" + std::to_string(i) + "] is not a real number").c_str());
        throw py::error_already_set();
    }
    return copy;
}

// Turn anything into an array that BLAS can read, or say why that cannot be.
static py::object converted(py::handle object, const std::string &name) {
    if (py::isinstance<py::list>(object))  // NumPy would take ten times as long
        if (py::object copy = copied(py::reinterpret_borrow<py::list>(object), name, false)) return copy;
    const py::array a(py::reinterpret_borrow<py::object>(object));  // as numpy.asarray
    const std::string shape = name + " must have one dimension, and this " + Py_TYPE(object.ptr())->tp_name + " has ";
    if (a.ndim() == 0) throw py::type_error(shape + "none");
    if (a.ndim() > 1) throw py::value_error(shape + std::to_string(a.ndim()));
    Vector unused;
    if (in_place(a, unused)) return a;
    const char kind = a.dtype().kind();
    if (std::strchr("biuf", kind)) return a.attr("astype")("float64");  // bool, int, unsigned, float, of any size
    if (kind == 'O') return copied(a.attr("tolist")(), name, true);  // NumPy would read "1.5" as 1.5, and None as NaN
    throw py::type_error(name + " must hold real numbers, not " + py::cast<std::string>(a.dtype().attr("name")));
}

static double dot(const Vector &x, const Vector &y) {
    if (x.size != y.size)
        throw py::value_error("x has length " + std::to_string(x.size) + " and y has length " + std::to_string(y.size) +
                              ": a dot product needs two vectors of the same length");
    std::optional<py::gil_scoped_release> others_may_run;
    if (x.size >= WORTH_RELEASING_THE_GIL) others_may_run.emplace();

    const auto is_int = [](py::ssize_t number) { return -INT_MAX <= number && number <= INT_MAX; };
    if (is_int(x.size) && is_int(x.step) && is_int(y.step) && x.step != 0 && y.step != 0) {
        // NumPy points at element 0, BLAS wants the lowest address: with a negative step, that of the last element.
        const auto lowest = [](const Vector &v) { return v.step < 0 ? v.data + (v.size - 1) * v.step : v.data; };
        const int n = static_cast<int>(x.size);
        return cblas_ddot(n, lowest(x), static_cast<int>(x.step), lowest(y), static_cast<int>(y.step));
    }
    double sum = 0.0;  // a broadcast vector, or more than BLAS can count
    for (py::ssize_t i = 0; i < x.size; ++i) sum += x.data[i * x.step] * y.data[i * y.step];
    return sum;
}

static double ddot(py::handle x, py::handle y) {
    Vector a, b;
    if (in_place(x, a) && in_place(y, b)) return dot(a, b);
    const py::object x_array = converted(x, "x"), y_array = converted(y, "y");
    // Look again: to convert y may run Python code, and that can do anything to x.
    if (!in_place(x_array, a) || !in_place(y_array, b)) throw py::value_error("x was changed while y was converted");
    return dot(a, b);
}

PYBIND11_MODULE(example, m, py::mod_gil_not_used()) {
    m.doc() = "The dot product of two vectors, computed by OpenBLAS.";
    m.def("ddot", &ddot, py::arg("x"), py::arg("y"), R"(Return the dot product of two vectors of the same length.

x and y are one-dimensional array-likes of real numbers. Float64 arrays are read where they lie, strided and reversed
ones too; anything else is first converted to float64. Two empty vectors give 0.0.

ValueError: the lengths differ, or a vector has more than one dimension. TypeError: it has none, or holds anything but
real numbers. OverflowError: a Python integer is beyond the range of a double.)");
}
