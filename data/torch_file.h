// Reading the files that torch.save writes.
//
// Such a file is a zip archive: NAME/data.pkl, a pickle of the saved object in which a tensor is a call of
// torch._utils._rebuild_tensor_v2(storage, offset, size, stride, ...), and NAME/data/KEY, the bytes of each storage.
#pragma once

#include <map>
#include <string>

#include "file.h"
#include "safetensors.h"

namespace vitrine::data {

/// Every tensor in what torch.save(object, path) wrote, on the cpu, row-major. A state_dict() gives its own names;
/// names of dicts inside dicts are joined by dots, places in lists are numbers: {"model": {"fc.weight": ...}} gives
/// "model.fc.weight". What is no tensor (an epoch, options) is left out. Nothing in the file is executed.
///
/// Throws IoError when the file is missing, no such archive (PyTorch before 1.6 wrote another format), truncated or
/// damaged; when its pickle uses anything but tensors, storages and collections, which the text names; when a tensor
/// has a dtype or more dimensions than a Tensor can have, or reaches beyond its storage. Every size is checked before
/// memory is asked for. Storages can be Float, Double, Half, BFloat16, Long, Int, Byte and Bool.
NamedTensors load_torch_file(const std::string& path, Site site = Site::here());

/// The same of an archive's files, by their names without the folder that all of them lie in ("data.pkl", "data/0");
/// errors name `path`.
NamedTensors tensors_of_torch_files(const std::map<std::string, Bytes>& files, const std::string& path);

}  // namespace vitrine::data
