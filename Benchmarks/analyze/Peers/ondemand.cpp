// simdjson's on-demand parser over a whole trace. It extracts the same fields as Contraflow's reader: name, stream,
// correlation, start and length of device work; correlation, start and length of host calls; name, start and length of
// ranges. All else is skipped. The file is loaded and parsed once before, so that the second pass allocates no fresh pages.
// Prints the CPU seconds of the second pass, then the number of each kind.
#include <simdjson.h>

#include <cstdio>
#include <ctime>
#include <string_view>

using namespace simdjson;

static void pass(ondemand::parser &parser, const padded_string &json, bool prints) {
    const std::clock_t begin = std::clock();
    auto document = parser.iterate(json);
    size_t work = 0, calls = 0, ranges = 0;
    double sum = 0;
    uint64_t numbers = 0;
    for (auto event : document["traceEvents"].get_array()) {
        auto object = event.get_object();
        std::string_view phase, category, name;
        double start = 0, length = 0;
        int kind = 0;
        for (auto field : object) {
            std::string_view key = field.unescaped_key();
            if (key == "ph") {
                phase = field.value().get_string();
                if (phase != "X") break;
            } else if (key == "cat") {
                category = field.value().get_string();
                if (category == "kernel" || category == "gpu_memcpy" || category == "gpu_memset") kind = 1;
                else if (category == "cuda_runtime" || category == "cuda_driver") kind = 2;
                else if (category == "user_annotation") kind = 3;
                if (kind == 0) break;
            } else if (key == "name") {
                name = field.value().get_string();
            } else if (key == "ts") {
                start = field.value().get_double();
            } else if (key == "dur") {
                length = field.value().get_double();
            } else if (key == "args" && kind != 3) {
                for (auto argument : field.value().get_object()) {
                    std::string_view argumentKey = argument.unescaped_key();
                    if (argumentKey == "correlation" || (kind == 1 && argumentKey == "stream"))
                        numbers += uint64_t(argument.value().get_uint64());
                }
            }
        }
        if (kind) sum += start + length + double(name.size());
        work += kind == 1;
        calls += kind == 2;
        ranges += kind == 3;
    }
    const double seconds = double(std::clock() - begin) / CLOCKS_PER_SEC;
    if (prints)
        std::printf("%f %zu %zu %zu %g %llu\n", seconds, work, calls, ranges, sum, (unsigned long long)numbers);
}

int main(int argc, char **argv) {
    if (argc < 2) return 64;
    const padded_string json = padded_string::load(argv[1]);
    ondemand::parser parser;
    pass(parser, json, false);
    pass(parser, json, true);
}
