// Everything needed to define a quantization format. Standard library only: parses in well under half a second.
#pragma once

#include <qeval/format/axes.hpp>                    // named here and not only below: shorter messages
#include <qeval/format/concepts.hpp>                // what a format must offer
#include <qeval/format/explain.hpp>                 // and what the compiler says when it does not
#include <qeval/format/format.hpp>                  // format<...>: one policy for each axis
#include <qeval/format/policy/double_quantized.hpp> // a scale policy with a code book of its own
#include <qeval/format/traits.hpp>                  // decode, bits_per_weight: what follows from a declaration
