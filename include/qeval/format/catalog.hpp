// The formats qeval ships: the only place that names them all.
#pragma once

#include <qeval/format/catalog/af4.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/fp4.hpp>
#include <qeval/format/catalog/fp8.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/integers.hpp>
#include <qeval/format/catalog/iq1_m.hpp>
#include <qeval/format/catalog/iq1_s.hpp>
#include <qeval/format/catalog/iq2_s.hpp>
#include <qeval/format/catalog/iq2_xs.hpp>
#include <qeval/format/catalog/iq2_xxs.hpp>
#include <qeval/format/catalog/iq3_s.hpp>
#include <qeval/format/catalog/iq3_xxs.hpp>
#include <qeval/format/catalog/iq4_nl.hpp>
#include <qeval/format/catalog/iq4_xs.hpp>
#include <qeval/format/catalog/llm_int8.hpp>
#include <qeval/format/catalog/mxfp4.hpp>
#include <qeval/format/catalog/mxfp6.hpp>
#include <qeval/format/catalog/mxfp8.hpp>
#include <qeval/format/catalog/mxint8.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/format/catalog/nvfp4.hpp>
#include <qeval/format/catalog/q1_0.hpp>
#include <qeval/format/catalog/q2_0.hpp>
#include <qeval/format/catalog/q2_k.hpp>
#include <qeval/format/catalog/q3_k.hpp>
#include <qeval/format/catalog/q4_0.hpp>
#include <qeval/format/catalog/q4_1.hpp>
#include <qeval/format/catalog/q4_k.hpp>
#include <qeval/format/catalog/q5_0.hpp>
#include <qeval/format/catalog/q5_1.hpp>
#include <qeval/format/catalog/q5_k.hpp>
#include <qeval/format/catalog/q6_k.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/format/catalog/q8_1.hpp>
#include <qeval/format/catalog/q8_k.hpp>
#include <qeval/format/catalog/ternary.hpp>
#include <qeval/format/catalog/tq1_0.hpp>
#include <qeval/format/catalog/tq2_0.hpp>
#include <qeval/format/list.hpp>

namespace qeval {

using catalog = format_list<dense_f32, dense_f16, dense_bf16,                             //
                            q8_0, q4_0, q4_1, q5_0, q5_1,                                 // ggml
                            q2_k, q3_k, q4_k, q5_k, q6_k, iq4_nl, mxfp4,                  //
                            iq4_xs, iq3_s, iq3_xxs, iq2_s, iq2_xs, iq2_xxs, iq1_m, iq1_s, //
                            tq1_0, tq2_0, q1_0, q2_0, nvfp4, q8_1, q8_k,                  //
                            nf4, nf4_dq, fp4, fp4_dq, af4, af4_dq, llm_int8,              // bitsandbytes
                            int2, int3, int4, int5, int6, int8_asym,                      // AWQ, GPTQ, W8A16
                            int2_sym, int3_sym, int4_sym, int5_sym, int6_sym, int8_sym,   //
                            fp8_e4m3, fp8_e5m2, ternary,                                  //
                            mxfp6_e2m3, mxfp6_e3m2, mxfp8_e4m3, mxfp8_e5m2, mxint8>;      // OCP

} // namespace qeval
