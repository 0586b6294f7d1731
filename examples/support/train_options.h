// Options that every example which trains has, with defaults that the example sets before it adds them.
#pragma once

#include "program.h"

/// Set the defaults in the constructor of a struct of yours that derives from this one, or before add_train_options().
struct TrainOptions : CommonOptions {
    std::string data;  ///< a built-in data set or a folder
    std::string out;   ///< folder of all that the program writes
    std::int64_t epochs = 10;
    std::int64_t batch = 128;
    double lr = 1e-3;
    std::int64_t steps = 0;       ///< stop after so many training steps in all; 0: after the last epoch
    std::int64_t save_every = 0;  ///< steps between checkpoints besides those at the end of an epoch; 0: none
    bool resume = false;
    bool tensorboard = false;
};

/// Adds --data, --epochs, --batch, --lr, --steps, --out, --save-every, --resume and --tensorboard, then the common
/// options. `data_help` says what --data can be; `written` what lies in --out afterwards besides the checkpoint.
void add_train_options(CLI::App& app, TrainOptions& options, const std::string& data_help,
                       const std::string& written = "metrics and checkpoints");

/// data::locate for a data set of the catalog, with a line that shows a download's progress. `built_in` is what errors
/// offer instead: "--data digits".
std::string located(const CommonOptions& options, const std::string& name, const std::string& built_in);

/// The most that counting options allow.
inline constexpr std::int64_t most_of_anything = 10'000'000;
