// What the emulator says when a kernel did something that has no meaning on a GPU.
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/kernel_name.h"

#include "scheduler.h"

namespace vitrine::kernels::simt {

std::string to_string(uint3 index) { return join("(", index.x, ",", index.y, ",", index.z, ")"); }

std::string to_string(const Site& site) {
    const char* slash = std::strrchr(site.file, '/');
    return join(site.operation, " at ", slash ? slash + 1 : site.file, ":", site.line);
}

bool same_place(const Site& a, const Site& b) {
    return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0) &&
           (a.operation == b.operation || std::strcmp(a.operation, b.operation) == 0);
}

std::string Scheduler::where() const {
    return "kernel " + kernel_name(call_.signature) + ", block " + to_string(blockIdx) + ": ";
}

void Scheduler::fail(const std::string& what, const Site& site) {
    throw Error(where() + "thread " + to_string(running().index) + ", " + to_string(site) + ": " +
                what);
}

std::string Scheduler::deadlock() const {
    return where() + "deadlock, no thread can go on" + census();
}

std::string Scheduler::returned_before_barrier() const {
    return where() + "some threads have returned, so that the others wait in a barrier for ever" +
           census();
}

namespace {

struct Group {
    std::string doing;  // "wait in __syncthreads at softmax_cuda.cu:31"
    std::vector<const CudaThread*> threads;
};

// "(0,0,0)..(15,0,0) (32,0,0)": runs of neighbours, at most six.
std::string ranges(const std::vector<const CudaThread*>& threads) {
    std::string text;
    int shown = 0;
    for (std::size_t first = 0, last; first < threads.size(); first = last + 1) {
        last = first;
        while (last + 1 < threads.size() && threads[last + 1]->linear == threads[last]->linear + 1)
            ++last;
        if (shown++ == 6) return text + " ...";
        text += " " + to_string(threads[first]->index);
        if (last > first) text += ".." + to_string(threads[last]->index);
    }
    return text;
}

}  // namespace

// A line for each group of threads that do the same.
std::string Scheduler::census() const {
    std::vector<Group> groups;
    for (unsigned i = 0; i < count_; ++i) {
        const CudaThread& t = threads_[i];
        const Warp& warp = warps_[t.warp()];
        std::string doing = "can go on";
        if (&t == current_) doing = "running";
        if (warp.returned & t.bit()) doing = "returned from the kernel";
        if (warp.converging & t.bit()) doing = "in " + to_string(*t.site);
        if (warp.in_loop & t.bit()) doing = "waits in a loop, " + to_string(*t.site);
        if (warp.at_barrier & t.bit()) doing = "in " + to_string(*t.site);
        if (warp.in_meeting & t.bit()) {
            char mask[32];
            std::snprintf(mask, sizeof mask, " (mask 0x%08x)", t.mask);
            doing = "in " + to_string(*t.site) + mask;
        }
        std::size_t g = 0;
        while (g < groups.size() && groups[g].doing != doing) ++g;
        if (g == groups.size()) groups.push_back({doing, {}});
        groups[g].threads.push_back(&t);
    }
    std::string text;
    for (const Group& group : groups)
        text +=
            join("\n  ", group.threads.size(), group.threads.size() == 1 ? " thread " : " threads ",
                 group.doing, ":", ranges(group.threads));
    return text;
}

}  // namespace vitrine::kernels::simt
