// The formats qeval ships: the only place that names them all.
#pragma once

#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/fp4.hpp>
#include <qeval/format/catalog/fp8_channel.hpp>
#include <qeval/format/catalog/int4_group.hpp>
#include <qeval/format/catalog/int8_channel.hpp>
#include <qeval/format/catalog/iq1_m.hpp>
#include <qeval/format/catalog/iq1_s.hpp>
#include <qeval/format/catalog/iq2_s.hpp>
#include <qeval/format/catalog/iq2_xs.hpp>
#include <qeval/format/catalog/iq2_xxs.hpp>
#include <qeval/format/catalog/iq3_s.hpp>
#include <qeval/format/catalog/iq3_xxs.hpp>
#include <qeval/format/catalog/iq4_nl.hpp>
#include <qeval/format/catalog/iq4_xs.hpp>
#include <qeval/format/catalog/mxfp4.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/format/catalog/nvfp4.hpp>
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
#include <qeval/format/catalog/tq1_0.hpp>
#include <qeval/format/catalog/tq2_0.hpp>
#include <qeval/format/list.hpp>

namespace qeval {

using catalog = format_list<dense_f32, dense_f16, dense_bf16,                   //
                            q8_0, q4_0, q4_1, q5_0, q5_1,                       //
                            q2_k, q3_k, q4_k, q5_k, q6_k, iq4_nl, mxfp4,                //
                            iq4_xs, iq3_s, iq3_xxs, iq2_s, iq2_xs, iq2_xxs, iq1_m, iq1_s, //
                            tq1_0, tq2_0, nvfp4, q8_1, q8_k,                    //
                            nf4, nf4_dq, fp4, fp4_dq,                           //
                            int4_g128, int8_channel, fp8_channel>;

} // namespace qeval
