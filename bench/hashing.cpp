// How quickly a model's weights are hashed, beside what libcrypto does with bytes that stay in the first cache (what
// `openssl speed -evp sha256` measures): best of 5, alternating. Rates "a core" are of processor time, which other
// programs on the machine hardly change.
//   bench_hashing [MODEL]
// Without a model: two files of 1 GB in the temporary folder, gone afterwards; one holds one tensor, one holds 100.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <qeval/io/checkpoint/checkpoint.hpp>
#include <qeval/io/checkpoint/weights_sha256.hpp>

namespace {

namespace fs = std::filesystem;

struct spent {
    double wall, processor; // seconds; the second of all threads together
};
template <class Work>
spent time_of(Work const& work) {
    auto const         start = std::chrono::steady_clock::now();
    std::clock_t const begin = std::clock();
    work();
    double const processor = double(std::clock() - begin) / CLOCKS_PER_SEC;
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), processor};
}

double cached_bytes_per_second() {
    constexpr std::size_t  size = 16384, times = 1 << 15;
    std::vector<std::byte> bytes(size, std::byte{3});
    std::string            digest;
    spent const            took = time_of([&] {
        qeval::sha256 hash;
        for (std::size_t i = 0; i < times; ++i) hash.update(bytes);
        digest = hash.hex();
    });
    return digest.empty() ? 0 : double(size * times) / took.processor;
}

void write_model(fs::path const& file, int tensors, std::size_t bytes) {
    std::string const data(bytes / std::size_t(tensors), '\7');
    std::string       header = "{";
    for (int t = 0; t < tensors; ++t) {
        header += (t == 0 ? "\"t" : ",\"t") + std::to_string(t) + R"(":{"dtype":"U8","shape":[)" +
                  std::to_string(data.size()) + R"(],"data_offsets":[)" + std::to_string(std::size_t(t) * data.size()) +
                  "," + std::to_string(std::size_t(t + 1) * data.size()) + "]}";
    }
    header += "}";
    header.resize((header.size() + 7) / 8 * 8, ' ');
    std::ofstream out(file, std::ios::binary);
    for (int shift = 0; shift < 64; shift += 8) out.put(char(header.size() >> shift & 255));
    out << header;
    for (int t = 0; t < tensors; ++t) out << data;
}

void measure(fs::path const& model) {
    auto const  opened = qeval::open_checkpoint(model, {});
    std::size_t bytes  = 0;
    for (auto const& t : opened.tensors()) bytes += t.bytes.size();
    std::printf("%s: %.2f GB in %zu tensors\n", model.filename().c_str(), double(bytes) / 1e9, opened.tensors().size());
    std::printf("threads   GB/s   GB/s a core   of libcrypto in the cache, GB/s a core\n");
    int const most = qeval::thread_pool(0).size();
    for (int threads = 1; threads <= most; threads *= 2) {
        qeval::thread_pool pool(threads);
        double             cached = 0, rate = 0, rate_a_core = 0;
        for (int repetition = 0; repetition < 5; ++repetition) {
            cached           = std::max(cached, cached_bytes_per_second());
            auto const  read = qeval::open_checkpoint(model, {}); // mapped anew: every page is met for the first time
            spent const took = time_of([&] { (void)qeval::weights_sha256(read.tensors(), pool); });
            rate             = std::max(rate, double(bytes) / took.wall);
            rate_a_core      = std::max(rate_a_core, double(bytes) / took.processor);
        }
        std::printf("%-7d %6.2f   %11.2f   %.2f of %.2f\n", threads, rate / 1e9, rate_a_core / 1e9,
                    rate_a_core / cached, cached / 1e9);
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc > 1) {
        measure(argv[1]);
        return 0;
    }
    for (int const tensors : {1, 100}) {
        fs::path const file = fs::temp_directory_path() / ("qeval-hashing-" + std::to_string(tensors) + ".safetensors");
        write_model(file, tensors, 1'000'000'000);
        measure(file);
        fs::remove(file);
    }
}
