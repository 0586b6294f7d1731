// The blocks of a cooperative launch, all under way at the same time on one OS thread.
//
// A block runs until all its threads have arrived in grid.sync(), or until they all wait in loops.
// It is then put aside as it is: its threads on their stacks, what its __shared__ arrays hold, and
// the built-in variables. When all blocks have arrived, they go on one after the other.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "fiber.h"
#include "runtime.h"
#include "scheduler.h"
#include "shared_arrays.h"

namespace vitrine::kernels::simt {

class CooperativeGrid {
public:
    CooperativeGrid(dim3 grid, dim3 block, std::size_t shared_bytes, const KernelCall& call,
                    const Options& options);
    ~CooperativeGrid();
    CooperativeGrid(const CooperativeGrid&) = delete;
    CooperativeGrid& operator=(const CooperativeGrid&) = delete;

    /// Runs all blocks. Throws what a thread threw, or vitrine::Error when blocks wait for ever.
    void run();

    enum class State { fresh, ready, in_loop, in_grid_barrier, returned };

    /// Called on a stack of the running block: the other blocks run until this one can go on.
    void put_aside(Fiber& stack, State state, const Site& site);

private:
    struct Block {
        std::uint64_t number = 0;
        State state = State::fresh;
        std::unique_ptr<Scheduler> scheduler;
        std::unique_ptr<Fiber> stack;  // where its first threads run
        Fiber* left_on = nullptr;      // the stack that goes on with the block
        std::string site;              // of its grid.sync()
        uint3 block_index{}, thread_index{};
        std::vector<unsigned char> shared;  // what its __shared__ arrays hold
    };
    struct Cancelled {};  // thrown through the blocks put aside after an error

    static void block_main(void* grid, Fiber& self);
    static std::unique_ptr<Scheduler> new_scheduler();
    void go_on(Block& block);
    bool go_on_with_all_that_can();
    void cancel();
    void open_grid_barrier();
    void note_error();
    std::string deadlock() const;
    uint3 index_of(const Block& block) const;

    const dim3 grid_, block_;
    const std::size_t shared_bytes_;
    const KernelCall& call_;
    const Options& options_;
    Watch watch_;  // of the launch as a whole
    Fiber main_;
    const std::vector<SharedArray>& arrays_;
    std::vector<Block> blocks_;  // in the order in which they run
    Block* running_ = nullptr;
    bool cancelled_ = false;
    std::exception_ptr error_;
};

}  // namespace vitrine::kernels::simt
