// PyTorch's wheel exports Gloo's symbols but does not contain Gloo's headers. c10d's headers use these types through
// pointers only, so declarations are enough.
#pragma once

#include <memory>

namespace gloo::transport {

class Device;

class UnboundBuffer {
   public:
    virtual ~UnboundBuffer() = default;
};

}  // namespace gloo::transport
