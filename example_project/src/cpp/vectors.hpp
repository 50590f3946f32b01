// How ddot.cpp gets at the numbers in a Python object. BLAS reads doubles that lie in memory at equal distances. Many
// NumPy arrays are just that, and are read where they are. Everything else is first copied into such an array.

#pragma once

#include <pybind11/critical_section.h>
#include <pybind11/numpy.h>

#include <climits>
#include <cstdint>
#include <optional>
#include <string>

namespace py = pybind11;

// What BLAS reads. The memory belongs to a NumPy array, which must outlive this.
struct Vector {
    const double *data;  // element 0
    py::ssize_t size;
    py::ssize_t step;  // from one element to the next, in doubles; negative if the array is reversed

    double operator[](py::ssize_t i) const { return data[i * step]; }

    // BLAS counts in int, and cannot use a step of 0. (numpy.broadcast_to makes one, to repeat a number.)
    bool fits_blas() const { return size <= INT_MAX && -INT_MAX <= step && step <= INT_MAX && step != 0; }

    // BLAS wants the lowest address. With a negative step, the last element is there.
    const double *lowest() const { return step < 0 ? data + (size - 1) * step : data; }
};

// Look at an array without copying it. The result is empty if BLAS cannot read it where it is: if this is no array, or
// has not one dimension, or holds anything but aligned doubles in the byte order of this machine.
inline std::optional<Vector> in_place(py::handle object) {
    if (!py::isinstance<py::array>(object)) {
        return {};
    }
    const auto array = py::reinterpret_borrow<py::array>(object);
    const py::dtype type = array.dtype();
    if (array.ndim() != 1 || type.num() != py::dtype::num_of<double>() || type.byteorder() != '=') {
        return {};
    }
    const auto *data = static_cast<const double *>(array.data());
    const auto address = reinterpret_cast<std::uintptr_t>(data);
    const py::ssize_t bytes_apart = array.strides(0);
    constexpr py::ssize_t width = sizeof(double);
    if (address % alignof(double) != 0 || bytes_apart % width != 0) {
        return {};
    }
    return Vector{data, array.shape(0), bytes_apart / width};
}

// The same for an array that `converted` has returned. It can be read, unless other code has changed it since.
inline Vector still_in_place(py::handle array) {
    if (const std::optional<Vector> vector = in_place(array)) {
        return *vector;
    }
    throw py::value_error("x was changed while y was converted");
}

// Copy a list or tuple of Python floats, ints and bools, ten times as fast as NumPy. The result is empty if anything
// else is in it. Nothing in here runs Python code, such as a __float__, because that could change the list meanwhile.
inline py::object copy_of_numbers(py::handle list) {
    const py::scoped_critical_section no_other_thread_changes_it(list);
    const py::ssize_t size = PySequence_Fast_GET_SIZE(list.ptr());
    py::array_t<double> copy(size);
    double *out = copy.mutable_data();
    for (py::ssize_t i = 0; i < size; ++i) {
        PyObject *item = PySequence_Fast_GET_ITEM(list.ptr(), i);
        if (PyFloat_Check(item)) {
            out[i] = PyFloat_AS_DOUBLE(item);
        } else if (PyLong_Check(item)) {  // an int or a bool
            out[i] = PyLong_AsDouble(item);
            if (PyErr_Occurred()) {
                throw py::error_already_set();  // OverflowError: the int is beyond the range of a double
            }
        } else {
            return {};
        }
    }
    return copy;
}

// Turn any object into an array that BLAS can read, or say what is wrong with it. `name` is for that message.
inline py::object converted(py::handle object, const std::string &name) {
    if (PyList_Check(object.ptr()) || PyTuple_Check(object.ptr())) {
        if (py::object copy = copy_of_numbers(object)) {
            return copy;
        }
    }
    const py::array array(py::reinterpret_borrow<py::object>(object));  // what numpy.asarray makes of it
    if (in_place(array)) {
        return array;
    }
    if (array.ndim() == 0) {
        throw py::type_error(name + " must be a vector, and NumPy reads it as a single value");
    }
    if (array.ndim() > 1) {
        throw py::value_error(name + " must have one dimension, not " + std::to_string(array.ndim()));
    }
    const std::string numbers = "biuf";  // NumPy's letters for bool, int, unsigned int and float, of any size
    if (numbers.find(array.dtype().kind()) == std::string::npos) {
        const std::string type = py::str(array.dtype().attr("name"));
        throw py::type_error(name + " must hold floats, ints or bools, not " + type);
    }
    py::array_t<double> copy(array.shape(0));
    copy[py::ellipsis()] = array;  // NumPy converts while it copies
    return copy;
}
