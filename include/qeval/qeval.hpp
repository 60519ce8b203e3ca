// All of qeval, in the order in which a weight travels.
#pragma once

#include <qeval/calibrate/importance.hpp>               // which columns matter
#include <qeval/engine/in_process.hpp>                  // answers: log-likelihoods, logits, texts
#include <qeval/eval/evaluation.hpp>                    // tasks x schemes against a reference
#include <qeval/format.hpp>                             // what a quantized weight is
#include <qeval/format/catalog.hpp>                     // the formats that qeval brings
#include <qeval/io/checkpoint/checkpoint.hpp>           // files -> named tensors
#include <qeval/io/tokenizer/reader/load_tokenizer.hpp> // text <-> tokens
#include <qeval/kernel/cpu/packed_linear.hpp>           // packed x activations
#include <qeval/kernel/reference.hpp>                   // what the kernels must compute, bit for bit
#include <qeval/model/architectures.hpp>                // tokens -> logits
#include <qeval/model/cpu/host.hpp>                     // the backend: where a model computes
#include <qeval/pack/decode.hpp>                        // a format -> floats
#include <qeval/pack/encode.hpp>                        // floats -> a format
#include <qeval/pack/stored.hpp>                        // a packed matrix as bytes of a file
#include <qeval/report/summary.hpp>                     // tables
#include <qeval/scheme/architecture_table.hpp>          // a file -> the model that it describes
#include <qeval/scheme/build.hpp>                       // a model under a scheme
