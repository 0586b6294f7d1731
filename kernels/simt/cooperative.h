// Blocks that wait for each other, under way at the same time on one OS thread.
//
// A block runs until all its threads have arrived in grid.sync(), or until they all wait in loops.
// It is then put aside as it is: its threads on their stacks, what its __shared__ arrays hold, and
// the built-in variables. When all blocks have arrived, they go on one after the other; those in
// loops after every other block that can.
//
// The blocks of a launch that is not cooperative wait for each other in loops alone, which CUDA
// does not promise to end. The checker's build runs every launch like this, so that it finds what
// else is wrong there; other builds run those one block after the other.
#pragma once

#include <cstdint>
#include <exception>
#include <list>
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
    /// `barriers`: the launch is cooperative.
    CooperativeGrid(dim3 grid, dim3 block, std::size_t shared_bytes, const KernelCall& call,
                    const Options& options, bool barriers);
    ~CooperativeGrid();
    CooperativeGrid(const CooperativeGrid&) = delete;
    CooperativeGrid& operator=(const CooperativeGrid&) = delete;

    bool has_barriers() const { return barriers_; }

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

    static void block_main(void*, Fiber& self);
    void begin(Block& block);
    void go_on(Block& block);
    bool turn();
    bool go_on_with_all_that_can();
    bool begin_next();
    void cancel();
    void open_grid_barrier();
    void note_error();
    std::string deadlock() const;
    uint3 index_of(const Block& block) const;

    const dim3 grid_, block_;
    const std::size_t shared_bytes_;
    const KernelCall& call_;
    const Options& options_;
    const bool barriers_;
    Watch watch_;  // of the launch as a whole
    Fiber main_;
    // In the order in which they run. Of a launch without barriers: those that were put aside.
    std::list<Block> blocks_;
    std::uint64_t next_ = 0, count_;  // the next block of a launch without barriers
    std::vector<std::unique_ptr<Scheduler>> idle_schedulers_;
    std::vector<std::unique_ptr<Fiber>> idle_stacks_;
    Block* running_ = nullptr;
    bool cancelled_ = false;
    std::exception_ptr error_;
};

}  // namespace vitrine::kernels::simt
