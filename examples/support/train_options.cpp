#include "train_options.h"

#include <vitrine/vitrine.h>

#include "progress.h"

void add_train_options(CLI::App& app, TrainOptions& options, const std::string& data_help, const std::string& written) {
    const CLI::Range from_zero(std::int64_t{0}, most_of_anything), from_one(std::int64_t{1}, most_of_anything);
    app.add_option("--data", options.data, data_help)->capture_default_str();
    app.add_option("--epochs", options.epochs, "how often all of the training data is seen")
        ->check(from_one)
        ->capture_default_str();
    app.add_option("--batch", options.batch, "examples in a training step")->check(from_one)->capture_default_str();
    app.add_option("--lr", options.lr, "learning rate; the highest of it where there is a schedule")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    app.add_option("--steps", options.steps, "stop after so many training steps in all; 0: after the last epoch")
        ->check(from_zero)
        ->capture_default_str();
    app.add_option("--out", options.out, "folder for " + written + "; made when missing")->capture_default_str();
    app.add_option("--save-every", options.save_every,
                   "steps between checkpoints besides those at the end of an epoch; 0: none")
        ->check(from_zero)
        ->capture_default_str();
    app.add_flag("--resume", options.resume,
                 "go on from the checkpoint in --out, to the same bits as a run that never stopped");
    app.add_flag("--tensorboard", options.tensorboard, "write an event file for TensorBoard into --out as well");
    add_common_options(app, options);
}

std::string located(const CommonOptions& options, const std::string& name, const std::string& built_in) {
    const auto show = [&](const vitrine::data::DownloadProgress& now) {
        Progress::note(messages(options), vitrine::join(now.file, "  ", now.bytes / 1'000'000, " of ",
                                                        (now.total + 999'999) / 1'000'000, " MB from ", now.url));
        return true;
    };
    vitrine::data::LocateOptions how;
    how.built_in = built_in;
    how.transfer.progress = show;
    return vitrine::data::locate(name, how);
}
