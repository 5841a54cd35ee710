#pragma once

#include "engine/base/ids.h"
#include "engine/base/result.h"

#include <QByteArray>
#include <QString>

namespace skillbox {

/// Where a container engine (Docker, Podman) answers its API.
struct OciAddress {
    QString text;            ///< as it was configured
    QString unixSocket = {}; ///< empty: by TCP
    QByteArray baseUrl;      ///< without a slash at its end
};

/// `unix:///run/docker.sock` or `tcp://host:port`; BadRequest otherwise.
Result<OciAddress> parseOciAddress(const QString &text);

/// What to do about an image that the container engine does not have.
enum class PullPolicy { Never, Missing };

Result<PullPolicy> parsePullPolicy(const QString &text);

/// Which runs go to the container engine.
enum class RuntimeMode {
    Auto,   ///< those whose image is neither imported nor stands for this machine's interpreter
    Native, ///< none
    Oci,    ///< all but those whose image is imported
};

Result<RuntimeMode> parseRuntimeMode(const QString &text);

/// The operator's settings; see the configuration table in docs/configuration.md.
struct OciConfig {
    QString host = {};    ///< empty: there is no container engine
    QString runtime = {}; ///< by the name that the container engine knows it by; empty: its default
    PullPolicy pull = PullPolicy::Never;
    RuntimeMode mode = RuntimeMode::Auto;

    bool isUsed() const { return !host.isEmpty() && mode != RuntimeMode::Native; }
};

/// Whose containers these are: labels of each, by which leftovers are found.
struct ContainerOwner {
    QString home;        ///< the data directory, by an id of its own
    InstanceId instance; ///< the process
};

/// The id of a data directory, made when it is first asked for. Empty: it cannot be kept.
QString homeIdOf(const QString &dataDirectory);

} // namespace skillbox
