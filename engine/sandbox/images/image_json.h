#pragma once

#include "engine/base/result.h"
#include "engine/sandbox/images/image_record.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QStringList>

namespace skillbox {

/// JSON of an image, which is foreign text: valid, of bounded depth. `what` names it in the error.
Result<QJsonDocument> readImageJson(const QByteArray &bytes, const QString &what);

/// Whether the text is `sha256:` and 64 lower-case hex digits.
bool isSha256Digest(QStringView text);

/// What we need of an image's configuration, which OCI and Docker write alike
/// (github.com/opencontainers/image-spec, config.md).
struct ImageConfig {
    QString os;
    QString architecture;
    QDateTime created;
    QString searchPath;  ///< PATH
    QStringList diffIds; ///< digests of the uncompressed layers, lowest first
};
Result<ImageConfig> parseImageConfig(const QByteArray &bytes, const ImageLimits &limits);

/// `amd64`, `arm64`, …: this machine as images call it.
QString machineArchitecture();

/// An error unless the configuration is for this machine.
Result<void> checkPlatform(const QString &os, const QString &architecture);

} // namespace skillbox
