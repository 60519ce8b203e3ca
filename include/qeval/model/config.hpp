// The numbers of a decoder-only transformer; they come from files, so io/ defines them.
#pragma once

#include <qeval/io/model_config.hpp>
