// The dot product of two vectors: numbers come in from Python, OpenBLAS computes, a Python float goes out.

#include "vectors.hpp"  // our own: finds the numbers in a Python object
#include <cblas.h>      // OpenBLAS

static double sum_of_products(const Vector &x, const Vector &y) {
    if (x.fits_blas() && y.fits_blas()) {
        return cblas_ddot(int(x.size), x.lowest(), int(x.step), y.lowest(), int(y.step));
    }
    double sum = 0.0;
    for (py::ssize_t i = 0; i < x.size; ++i) {
        sum += x[i] * y[i];
    }
    return sum;
}

// From this length on, other Python threads can run during the sum. Below it, the 20 ns that this costs would be felt.
constexpr py::ssize_t LONG = 10000;

static double dot(const Vector &x, const Vector &y) {
    if (x.size != y.size) {
        throw py::value_error("x has length " + std::to_string(x.size) + " and y has length " + std::to_string(y.size) +
                              ": a dot product needs two vectors of the same length");
    }
    std::optional<py::gil_scoped_release> others_may_run;  // not yet: it is empty
    if (x.size >= LONG) {
        others_may_run.emplace();
    }
    return sum_of_products(x, y);
}

// What Python calls. A py::handle refers to any Python object, and a std::optional holds something or nothing.
static double ddot(py::handle x, py::handle y) {
    const std::optional<Vector> x_in_place = in_place(x);
    const std::optional<Vector> y_in_place = in_place(y);
    if (x_in_place && y_in_place) {
        return dot(*x_in_place, *y_in_place);
    }
    const py::object x_array = converted(x, "x");
    const py::object y_array = converted(y, "y");
    // Only now look at both: converting y may run Python code, and that can do anything to x.
    return dot(still_in_place(x_array), still_in_place(y_array));
}

// The module example_pkg.example, with one function. Its text is what help(ddot) shows.
PYBIND11_MODULE(example, m, py::mod_gil_not_used()) {
    m.doc() = "The dot product of two vectors, computed by OpenBLAS.";
    m.def("ddot", &ddot, py::arg("x"), py::arg("y"), R"(Return the dot product of two vectors of the same length.

x and y are lists, NumPy arrays or other one-dimensional array-likes of floats, ints or bools. Float64 arrays are read
where they are, strided and reversed ones too; everything else is first copied to float64. Two empty vectors give 0.0.

ValueError: the lengths differ, or a vector has more than one dimension. TypeError: it has none, or holds anything but
floats, ints and bools; a Fraction is refused, too. OverflowError: a Python int is beyond the range of a double.)");
}
