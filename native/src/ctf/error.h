#pragma once
#include <stdexcept>
#include <string>

namespace ctf {

/// An error that the user can act on: one complete sentence that names file and place.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace ctf
