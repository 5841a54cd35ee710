#pragma once

// Plain C++: shared by the engine and by the launcher, which knows no Qt.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace skillbox::wire {

/// Appends numbers (little endian as the machine has them: both ends are one host) and
/// length-prefixed bytes.
class Writer
{
public:
    void u32(uint32_t value) { raw(&value, sizeof value); }
    void u64(uint64_t value) { raw(&value, sizeof value); }
    void text(std::string_view value)
    {
        u64(value.size());
        raw(value.data(), value.size());
    }
    void texts(const std::vector<std::string> &values)
    {
        u32(static_cast<uint32_t>(values.size()));
        for (const std::string &value : values)
            text(value);
    }
    const std::string &bytes() const { return m_bytes; }

private:
    void raw(const void *data, size_t size) { m_bytes.append(static_cast<const char *>(data), size); }
    std::string m_bytes;
};

/// The inverse. Every read is bounds-checked; after a failed one all reads give empty values and
/// ok() is false, so a caller checks once at the end. Views point into the given bytes.
class Reader
{
public:
    explicit Reader(std::string_view bytes) : m_rest(bytes) { }

    uint32_t u32()
    {
        uint32_t value = 0;
        raw(&value, sizeof value);
        return value;
    }
    uint64_t u64()
    {
        uint64_t value = 0;
        raw(&value, sizeof value);
        return value;
    }
    std::string_view view()
    {
        const uint64_t size = u64();
        if (!m_ok || size > m_rest.size()) {
            m_ok = false;
            return {};
        }
        const std::string_view value = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        return value;
    }
    std::string text() { return std::string(view()); }
    std::vector<std::string> texts()
    {
        std::vector<std::string> values;
        const uint32_t count = u32();
        // Each text takes at least its length prefix: a lying count cannot make us reserve memory.
        if (count > m_rest.size() / sizeof(uint64_t)) {
            m_ok = false;
            return values;
        }
        values.reserve(count);
        for (uint32_t i = 0; i < count && m_ok; ++i)
            values.push_back(text());
        return values;
    }
    bool ok() const { return m_ok; }
    bool atEnd() const { return m_rest.empty(); }

private:
    void raw(void *data, size_t size)
    {
        if (!m_ok || size > m_rest.size()) {
            m_ok = false;
            return;
        }
        std::memcpy(data, m_rest.data(), size);
        m_rest.remove_prefix(size);
    }
    std::string_view m_rest;
    bool m_ok = true;
};

} // namespace skillbox::wire
