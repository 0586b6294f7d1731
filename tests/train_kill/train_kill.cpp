// A training program that is killed 30 times, at random moments, and resumed each time: its last checkpoint has the
// bytes of one that was never killed.
//
//     train_kill FOLDER           the test: starts, kills and resumes the program below; prints what happened
//     train_kill train FOLDER     the program: trains, with a checkpoint after every step
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "models/train/problem.h"

namespace {

using Clock = std::chrono::steady_clock;

int train(const std::string& folder) {
    vitrine::set_num_threads(1);
    SmallRun run;
    vitrine::optim::Schedule schedule(run.adam, vitrine::optim::Cosine{.steps = 18});
    vitrine::models::Trainer trainer(run.net, run.adam, {.epochs = 6, .accumulate = 2, .clip_norm = 1});
    trainer.set_schedule(schedule);
    trainer.add(vitrine::models::EarlyStop({.score = "val_loss", .patience = 100}));
    const auto& files =
        trainer.add(vitrine::models::Checkpoints({.folder = folder, .every_steps = 1, .keep = 2, .best = "val_loss"}));
    if (std::filesystem::exists(files.latest())) trainer.resume(files.latest());
    PointLoader test(run.data, {.batch_size = 22});
    trainer.fit(run.loader, run.step(), [&] { return trainer.evaluate(test, run.step()); });
    return 0;
}

/// Starts the program; kills it after `seconds`, if it still runs then. True when it was killed.
bool run_for(const char* self, const std::string& folder, double seconds) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::execl(self, self, "train", folder.c_str(), nullptr);
        ::_exit(127);
    }
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
        if (Clock::now() >= end) {
            ::kill(child, SIGKILL);
            ::waitpid(child, &status, 0);
            break;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (!killed && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        throw vitrine::Error("the program failed, status " + std::to_string(status));
    return killed;
}

std::string bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

int test(const char* self, const std::string& folder) {
    constexpr int wanted = 30;
    constexpr double no_limit = 1e6;
    const char* const files[] = {"checkpoint.safetensors", "best.safetensors", "epoch-00006.safetensors"};
    const std::string whole = folder + "/whole";
    const auto start = Clock::now();
    run_for(self, whole, no_limit);
    const double all = std::chrono::duration<double>(Clock::now() - start).count();

    std::mt19937 random(1);
    std::uniform_real_distribution<double> moment(0, all / 3);
    int kills = 0;
    for (int runs = 0; kills < wanted; ++runs) {  // a run that comes to its end makes room for another
        const std::string hurt = folder + "/hurt" + std::to_string(runs);
        int here = 0;
        while (kills < wanted && run_for(self, hurt, moment(random))) ++kills, ++here;
        run_for(self, hurt, no_limit);
        for (const char* file : files)
            if (const std::string bytes = bytes_of(hurt + "/" + file);
                bytes.empty() || bytes != bytes_of(whole + "/" + file)) {
                std::cout << file << " differs after " << here << " kills\n";
                return 1;
            }
        std::cout << "the same bytes after " << here << " kills\n";
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc == 3 && std::strcmp(argv[1], "train") == 0) return train(argv[2]);
        if (argc == 2) return test(argv[0], argv[1]);
        std::cerr << "usage: train_kill FOLDER\n";
    } catch (const std::exception& e) {
        std::cerr << e.what() << '\n';
    }
    return 2;
}
