// Replays a corpus through a fuzz target without libFuzzer: every file of the folders and files named on the command
// line, and the empty input.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

int main(int argc, char** argv) {
    namespace fs = std::filesystem;
    std::vector<fs::path> files;
    for (int i = 1; i < argc; ++i) {
        fs::path const path = argv[i];
        if (fs::is_directory(path)) {
            for (auto const& entry : fs::recursive_directory_iterator(path))
                if (entry.is_regular_file()) files.push_back(entry.path());
        } else if (fs::exists(path)) {
            files.push_back(path);
        } else {
            std::cout << "SKIPPED: no corpus at " << path.string() << "\n";
        }
    }
    std::sort(files.begin(), files.end());
    LLVMFuzzerTestOneInput(nullptr, 0);
    for (auto const& file : files) {
        std::ifstream           in(file, std::ios::binary);
        std::vector<char> const text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        std::cout << file.filename().string() << " (" << text.size() << " bytes)" << std::endl;
        // A copy of exactly this size, so that AddressSanitizer sees a read past its end.
        std::vector<std::uint8_t> const bytes(text.begin(), text.end());
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::cout << files.size() << " inputs replayed\n";
}
