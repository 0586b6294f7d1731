// The examples of FIPS 180-4.
#include "vitrine/data/sha256.h"

#include <doctest/doctest.h>

#include "scratch_folder.h"

using namespace vitrine::data;

TEST_CASE("data/sha256: the standard's examples, in one piece, in two, and from a file") {
    const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    Sha256 empty, whole, parts;
    CHECK(empty.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    whole.add("abc", 3);
    CHECK(whole.hex() == abc);
    parts.add("a", 1);
    parts.add("bc", 2);
    CHECK(parts.hex() == abc);
    const ScratchFolder folder;
    CHECK(sha256_of_file(folder.put("abc", std::string("abc"))) == abc);
    CHECK(sha256_of_file(folder.put("million", std::string(1000000, 'a'))) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
