// Writes into the folder of its argument what tests/interop/read_events.py expects to read there.
#include <vitrine/core/ops/creation.h>
#include <vitrine/data/tensorboard.h>

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    using namespace vitrine::data;
    {
        TensorBoardWriter writer(argv[1]);
        for (int step = 0; step < 10; ++step) writer.scalar("loss", 1.0 / (1 + step), step);
    }
    TensorBoardWriter writer(argv[1], {.purge_step = 7});  // a run that stopped after step 9 and goes on from 7
    for (int step = 7; step < 12; ++step) writer.scalar("loss", -step, step);
    writer.image("picture", to_image(vitrine::full({5, 4}, 0.5)), 1);
    writer.histogram("weights", vitrine::tensor({0.0, 1.0, 1.0, 4.0}), 2, 2);
    writer.text("note", "grüße", 3);
}
