// The same call into BLAS by nanobind, pybind11's younger sibling, as its documentation would write it.
#include <cblas.h>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <stdexcept>

namespace nb = nanobind;
using Vector = nb::ndarray<const double, nb::ndim<1>, nb::device::cpu>;

static double dot(const Vector &x, const Vector &y) {
    if (x.shape(0) != y.shape(0)) throw std::invalid_argument("x and y differ in length");
    return cblas_ddot(static_cast<int>(x.shape(0)), x.data(), static_cast<int>(x.stride(0)), y.data(),
                      static_cast<int>(y.stride(0)));
}

NB_MODULE(nano, m) { m.def("dot", &dot); }
