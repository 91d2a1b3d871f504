// PyTorch's wheel exports Gloo's symbols but ships none of its headers. c10d's headers hold these types by pointer
// alone, so that their names are enough.
#pragma once

#include <memory>

namespace gloo::transport {

class Device;

class UnboundBuffer {
   public:
    virtual ~UnboundBuffer() = default;
};

}  // namespace gloo::transport
