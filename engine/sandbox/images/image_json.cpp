#include "engine/sandbox/images/image_json.h"

#include "engine/base/json_text.h"
#include "engine/base/quoted_name.h"

#include <QHash>
#include <QJsonArray>
#include <QJsonObject>
#include <QSysInfo>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int maxJsonDepth = 32;
constexpr qsizetype maxSearchPath = 4096;

} // namespace

Result<QJsonDocument> readImageJson(const QByteArray &bytes, const QString &what)
{
    // Checked first, because it says where and does not recurse.
    const Result<JsonText> text = JsonText::parse(bytes, maxJsonDepth);
    if (!text)
        return fail(ErrorCode::BadRequest,
                    u"its %1 is not usable: %2"_s.arg(what, text.error().message));
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(text->bytes(), &error);
    if (error.error != QJsonParseError::NoError) {
        return fail(ErrorCode::BadRequest,
                    u"its %1 is not usable: %2"_s.arg(what, error.errorString()));
    }
    return document;
}

bool isSha256Digest(QStringView text)
{
    constexpr auto prefix = "sha256:"_L1;
    if (!text.startsWith(prefix) || text.size() != prefix.size() + 64)
        return false;
    const QStringView hex = text.sliced(prefix.size());
    return std::all_of(hex.begin(), hex.end(), [](QChar c) {
        return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f');
    });
}

Result<ImageConfig> parseImageConfig(const QByteArray &bytes, const ImageLimits &limits)
{
    const Result<QJsonDocument> document = readImageJson(bytes, u"configuration"_s);
    if (!document)
        return fail(document.error());
    const QJsonObject root = document->object();
    ImageConfig config;
    config.os = root["os"_L1].toString();
    config.architecture = root["architecture"_L1].toString();
    config.created = QDateTime::fromString(root["created"_L1].toString(), Qt::ISODateWithMs);
    const QJsonArray diffIds = root["rootfs"_L1].toObject()["diff_ids"_L1].toArray();
    if (diffIds.size() > limits.layers) {
        return fail(
            ErrorCode::TooLarge,
            u"it has %1 layers, over the limit of %2"_s.arg(diffIds.size()).arg(limits.layers));
    }
    for (const auto &value : diffIds) {
        if (!isSha256Digest(value.toString())) {
            return fail(ErrorCode::BadRequest,
                        u"its configuration has a layer digest that is not SHA-256: "_s
                            + quotedName(value.toString()));
        }
        config.diffIds += value.toString();
    }
    for (const auto &value : root["config"_L1].toObject()["Env"_L1].toArray()) {
        const QString variable = value.toString();
        if (variable.startsWith("PATH="_L1))
            config.searchPath = variable.sliced(5);
    }
    if (config.searchPath.size() > maxSearchPath || config.searchPath.contains(QChar(u'\0')))
        return fail(ErrorCode::BadRequest, u"its configuration has an unusable PATH"_s);
    return config;
}

QString machineArchitecture()
{
    // Qt's names (QSysInfo::currentCpuArchitecture) → GOARCH, which image-spec takes.
    static const QHash<QString, QString> names = {
        {u"x86_64"_s, u"amd64"_s},
        {u"i386"_s, u"386"_s},
        {u"power64"_s, Q_BYTE_ORDER == Q_LITTLE_ENDIAN ? u"ppc64le"_s : u"ppc64"_s},
    };
    const QString architecture = QSysInfo::currentCpuArchitecture();
    return names.value(architecture, architecture);
}

Result<void> checkPlatform(const QString &os, const QString &architecture)
{
    if (os != "linux"_L1) {
        return fail(ErrorCode::BadRequest,
                    os.isEmpty() ? u"its configuration does not say for which system it is"_s
                                 : u"it is for %1, not for linux"_s.arg(quotedName(os)));
    }
    if (architecture != machineArchitecture()) {
        return fail(ErrorCode::BadRequest,
                    u"it is for the architecture %2; this machine is %1"_s.arg(
                        machineArchitecture(), quotedName(architecture)));
    }
    return {};
}

} // namespace skillbox
