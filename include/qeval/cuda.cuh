// The device side: matrices in a format on a GPU. Raw pointers and extents; the host part needs the standard library
// only.
#pragma once

#include <qeval/kernel/cuda/buffer.cuh>        // memory on the device
#include <qeval/kernel/cuda/decode.cuh>        // a format -> floats
#include <qeval/kernel/cuda/device_matrix.cuh> // upload(packed_matrix)
