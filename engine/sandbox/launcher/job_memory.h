#pragma once

#include <string_view>

namespace skillbox::launcher {

/// The bytes of a sealed memfd, mapped for as long as the object lives. The seals keep it from
/// shrinking under us. Throws SetupError.
class JobMemory
{
public:
    explicit JobMemory(int descriptor);
    ~JobMemory();
    JobMemory(const JobMemory &) = delete;
    JobMemory &operator=(const JobMemory &) = delete;
    std::string_view bytes() const { return {static_cast<const char *>(m_data), m_size}; }

private:
    void *m_data;
    size_t m_size = 0;
};

} // namespace skillbox::launcher
