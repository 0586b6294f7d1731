#include "coverage.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <ostream>
#include <set>
#include <tuple>
#include <vector>

#include "declared_ops.h"

namespace vitrine::testing {
namespace {

using Key = std::tuple<Pass, Device, DType>;

struct Row {
    std::string stem;  // whose test measured it
    std::map<Key, double> errors;
};

struct Time {
    std::string op, name;
    double forward_us, backward_us;
};

std::map<std::string, Row> rows;
std::vector<Time> times;
bool wants_times = false;
std::string stem_now;

// "ops/softmax: values ..." is a test of the stem softmax.
std::string stem_of(const std::string& test) {
    const auto slash = test.find('/'), colon = test.find(':');
    return slash == std::string::npos || colon == std::string::npos ? "" : test.substr(slash + 1, colon - slash - 1);
}

/// The least power of ten that is not below the error.
std::string decade(double error) {
    if (error == 0) return "0";
    return "1e" + std::to_string(static_cast<int>(std::ceil(std::log10(error) - 1e-9)));
}

/// "1e-7 / 1e-6": the errors on cpu and on simt.
std::string cell(const Row& row, Pass pass, DType dtype) {
    std::string text;
    for (Device device : {Device::cpu, Device::simt}) {
        const auto found = row.errors.find({pass, device, dtype});
        text += (text.empty() ? "" : " / ") + (found == row.errors.end() ? std::string("-") : decade(found->second));
    }
    return text == "- / -" ? "-" : text;
}

bool exists(const std::string& path) { return std::filesystem::exists(std::filesystem::path(VITRINE_SOURCE_DIR) / path); }

void write_row(std::ostream& out, const std::string& op, const Row& row) {
    const std::string page = "docs/reference/" + row.stem + ".md";
    const bool kernels = exists("kernels/" + row.stem + "/" + row.stem + ".h");
    out << "| " << (exists(page) ? "[" + op + "](reference/" + row.stem + ".md)" : op) << " | " << cell(row, Pass::forward, DType::f32) << " | "
        << cell(row, Pass::forward, DType::f64) << " | " << cell(row, Pass::backward, DType::f32) << " | " << cell(row, Pass::backward, DType::f64)
        << " | " << cell(row, Pass::double_backward, DType::f64) << " | " << (kernels ? "`kernels/" + row.stem + "/`" : "other ops'") << " |\n";
}

void write_page(std::ostream& out) {
    out << "# Every op, measured\n\n"
           "Written by `vitrine_tests` from the run of the ops' cases (`tests/cases/`, `tests/ops/`); a test checks that it is current.\n"
           "Each op is compared with a loop in double written from its formula: the largest |y - reference| / (1 + |reference|), as\n"
           "the power of ten above it, on cpu / on simt. Backward: f64 against central differences (whose own error is about 1e-8),\n"
           "f32 against f64. Double backward: the same for the backward. The last column: whose kernels run. Each of those folders\n"
           "holds the CUDA kernels too: simt runs that very source, and the CUDA build compiles and links it with nvcc.\n"
           "`vitrine_tests --test-case='ops/*' --reporters=ops_times` times the same cases.\n\n"
           "| op | forward f32 | forward f64 | backward f32 | backward f64 | double backward | kernels |\n"
           "|---|---|---|---|---|---|---|\n";
    for (const auto& [op, row] : rows) write_row(out, op, row);
    out << "\nCompared in tests of their own, where a list of cases does not fit (several results, in place, random):\n\n";
    std::map<std::string, std::set<std::string>> others;
    for (const auto& [op, stem] : declared_ops(VITRINE_SOURCE_DIR))
        if (!rows.contains(op)) others[stem].insert(op);
    for (const auto& [stem, ops] : others) {
        const std::string page = "docs/reference/" + stem + ".md", test = "tests/ops/" + stem + ".cpp";
        out << "- " << (exists(page) ? "[" + stem + "](reference/" + stem + ".md)" : stem) << (exists(test) ? ", `" + test + "`" : "") << ":";
        for (const std::string& op : ops) out << " " << op << (op == *ops.rbegin() ? "" : ",");
        out << "\n";
    }
}

/// A reporter that writes something when all tests have run.
struct AtEnd : doctest::IReporter {
    std::ostream& out;
    explicit AtEnd(const doctest::ContextOptions& options) : out(*options.cout) {}
    void test_case_start(const doctest::TestCaseData& test) override { stem_now = stem_of(test.m_name); }
    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};

struct OpsTable final : AtEnd {
    using AtEnd::AtEnd;
    void test_run_end(const doctest::TestRunStats& stats) override {
        write_page(out);
        if (stats.numTestCasesFailed > 0) out << "\n" << stats.numTestCasesFailed << " tests failed: this table is not to be kept\n";
    }
};
REGISTER_REPORTER("ops_table", 1, OpsTable);

struct OpsTimes final : AtEnd {
    explicit OpsTimes(const doctest::ContextOptions& options) : AtEnd(options) { wants_times = true; }
    void test_run_end(const doctest::TestRunStats&) override {
        out << "op\tcase\tforward_us\tbackward_us\n";
        for (const Time& t : times) out << t.op << '\t' << t.name << '\t' << t.forward_us << '\t' << t.backward_us << '\n';
    }
};
REGISTER_REPORTER("ops_times", 1, OpsTimes);

}  // namespace

bool times_wanted() { return wants_times; }

void note_time(const std::string& op, const std::string& name, double forward_us, double backward_us) {
    times.push_back({op, name, forward_us, backward_us});
}

void cover(const std::string& op, Pass pass, Device device, DType dtype, double error) {
    if (stem_now.empty()) return;  // no table is asked for
    Row& row = rows[op];
    if (row.stem.empty()) row.stem = stem_now;
    double& worst = row.errors[{pass, device, dtype}];
    worst = std::max(worst, error);
}

}  // namespace vitrine::testing
