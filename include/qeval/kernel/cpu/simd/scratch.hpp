// Memory that a kernel writes before it reads, kept by a thread from call to call.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include <qeval/core/macros.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Begins on a cache line: a vector load that straddles two costs two.
template <class T>
class scratch {
public:
    // Room for n entries, of any content; what an earlier call returned is no longer valid.
    [[nodiscard]] T* room(std::size_t n) {
        if (n > size_) {
            data_.reset(); // first, so that both are never there together
            data_.reset(static_cast<T*>(::operator new[](n * sizeof(T), line)));
            size_ = n;
        }
        return data_.get();
    }

private:
    static constexpr std::align_val_t line{64};
    struct release {
        void operator()(T* p) const { ::operator delete[](p, line); }
    };
    std::unique_ptr<T[], release> data_;
    std::size_t                   size_ = 0;
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
