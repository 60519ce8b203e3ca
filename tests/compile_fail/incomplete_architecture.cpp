// An architecture that leaves something out: the message says what to write.
// not for nvcc: an architecture runs on the host
#include <qeval/model/explain_architecture.hpp>

namespace mine {

namespace q = qeval;

struct tokens_only {
#if QEVAL_FAIL == 1
    // expected-error-1: \[QA01\] an architecture needs 'static constexpr architecture_name names'
#else
    static constexpr q::architecture_name names{"MineForCausalLM", "mine", ""};
#endif

#if QEVAL_FAIL == 2
    // expected-error-2: \[QA02\] an architecture needs 'static constexpr tensor_name_pair gguf_names\[\]'
#else
    static constexpr q::tensor_name_pair  gguf_names[] = {{"token_embd", "model.embed_tokens"}};
#endif

#if QEVAL_FAIL == 3
    // expected-error-3: \[QA03\] an architecture needs 'struct config'
    struct settings {
#else
    struct config {
#endif
        q::index vocab = 0;
    };
#if QEVAL_FAIL == 3
    using numbers = settings;
#else
    using numbers = config;
#endif

#if QEVAL_FAIL == 4
    // expected-error-4: \[QA04\] an architecture needs 'static config read\(config_reader const&\)'
    static numbers read(int);
#else
    static numbers read(q::config_reader const& r) { return {r.vocabulary()}; }
#endif

#if QEVAL_FAIL == 5
    // expected-error-5: \[QA05\] an architecture needs 'template <backend B> class model'
    template <q::backend B>
    class network {
#else
    template <q::backend B>
    class model {
#endif
    public:
        using tensor = typename B::tensor;
        struct block {};

#if QEVAL_FAIL == 6
        // expected-error-6: \[QA06\] the model of an architecture needs a constructor
#elif QEVAL_FAIL != 5
        model(numbers const& c, q::weights<B> const&) : vocab_(c.vocab) {}
#endif

#if QEVAL_FAIL == 7
        // expected-error-7: \[QA07\] a model needs 'index vocab_size\(\) const'
        q::index vocab_size() const { return vocab_; }
#else
        q::index       vocab_size() const { return vocab_; }
        q::cache_shape cache() const { return {1, 1, 2, 8}; }
#endif

#if QEVAL_FAIL == 8
        // expected-error-8: \[QA08\] a model needs 'block load_layer\(weights<B> const&, index i\) const'
        void load_layer(q::weights<B> const&, q::index) const {}
#else
        block          load_layer(q::weights<B> const&, q::index) const { return {}; }
#endif

#if QEVAL_FAIL == 9
        // expected-error-9: \[QA09\] a model needs 'B::tensor embed\(pass<B>&\) const'
        tensor embed() const { return {}; }
#else
        tensor         embed(q::pass<B>&) const { return {}; }
#endif

#if QEVAL_FAIL == 10
        // expected-error-10: \[QA10\] a model needs 'void layer\(block const&, pass<B>&, B::tensor& x\) const'
        void layer(q::index, q::pass<B>&, tensor&) const {}
#else
        void           layer(block const&, q::pass<B>&, tensor&) const {}
#endif

#if QEVAL_FAIL == 11
        // expected-error-11: \[QA11\] a model needs 'B::tensor head\(pass<B>&, B::tensor const&\) const'
        void head(q::pass<B>&, tensor const&) const {}
#else
        tensor         head(q::pass<B>&, tensor const& x) const { return x; }
#endif

    private:
        q::index vocab_ = 0;
    };
};

static_assert(q::explain_architecture<tokens_only>());

} // namespace mine

int main() {}
