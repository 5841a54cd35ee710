#pragma once

#include "engine/base/result.h"
#include "engine/sandbox/oci/oci_config.h"

#include <QIODevice>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace skillbox {

class CurlHandles;

struct EngineAnswer {
    int status = 0;
    QByteArray body; ///< at most EngineClient::maxBodyBytes

    bool isSuccess() const { return status >= 200 && status < 300; }
};

struct EngineCall {
    QByteArray method = "GET";
    QByteArray target; ///< path without the version, and query, percent-encoded
    QByteArray body = {};
    QIODevice *upload = nullptr; ///< a tar instead of `body`: random access, open for reading
    /// Gets the body of a 2xx answer piece by piece; an error ends the call and is its error.
    std::function<Result<void>(QByteArrayView)> sink = {};
    /// Called once before the body of a 2xx answer; an error ends the call and is its error.
    std::function<Result<void>()> begin = {};
    std::chrono::seconds timeLimit{120}; ///< of the whole call; zero: none
    /// Once true, ends the call with Cancelled within a second.
    const std::atomic<bool> *abort = nullptr;
};

enum class EngineKind { Docker, Podman };

/// Who answers, as it says of itself.
struct EngineVersion {
    EngineKind kind = EngineKind::Docker;
    QString version;   ///< `20.10.24`
    QByteArray prefix; ///< of every path: `/v1.41`

    QString kindName() const;
};

/// Calls the API of a container engine (Docker Engine API 1.41, which Podman speaks too). What it
/// answers is not trusted to be well-formed, small or in time. Thread-safe.
class EngineClient
{
public:
    static constexpr qsizetype maxBodyBytes = 8 << 20;

    /// Does not connect. An address that is none is the error of every call.
    explicit EngineClient(const QString &address);
    ~EngineClient();

    /// SandboxUnavailable: there was no answer, or none that can be used; Cancelled.
    Result<EngineAnswer> send(const EngineCall &call);
    /// Asked once, as long as it is not answered.
    Result<EngineVersion> version();
    const QString &address() const { return m_text; }

    /// What the engine says in a body that is an error, in one line.
    static QString complaintIn(const EngineAnswer &answer);

private:
    Result<EngineAnswer> perform(const EngineCall &call, const QByteArray &prefix);

    const QString m_text;
    const Result<OciAddress> m_address;
    const std::unique_ptr<CurlHandles> m_handles;
    std::mutex m_mutex; ///< guards m_version
    std::optional<EngineVersion> m_version;
};

} // namespace skillbox
