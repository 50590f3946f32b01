// The binding that most tutorials show: std::vector in, so that each call copies both inputs, number by number.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <stdexcept>
#include <vector>

static double dot(const std::vector<double> &x, const std::vector<double> &y) {
    if (x.size() != y.size()) throw std::invalid_argument("x and y differ in length");
    double sum = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
    return sum;
}

PYBIND11_MODULE(naive, m) {
    m.def("dot", &dot);
    // What pybind11 takes for a call that does nothing.
    m.def("empty", [](pybind11::handle, pybind11::handle) { return 0.0; });
}
