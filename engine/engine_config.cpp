#include "engine/engine_config.h"

#include "engine/skill/quantity.h"
#include "engine/storage/postgres_dsn.h"

#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <QThread>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Reads variables one by one and remembers what is wrong with them. An empty value is unset.
class Reader
{
public:
    explicit Reader(const QProcessEnvironment &environment) : m_environment(environment) { }

    QString text(const QString &name) const { return m_environment.value(name); }

    /// Leaves `target` as it is when the variable is unset or bad. True: it was set and good.
    template<typename T, typename Parse>
    bool read(const QString &name, T &target, Parse parse)
    {
        const QString value = text(name);
        if (value.isEmpty())
            return false;
        const auto parsed = parse(value);
        if (!parsed) {
            complain(name, parsed.error().message);
            return false;
        }
        target = *parsed;
        return true;
    }

    void complain(const QString &name, const QString &what)
    {
        m_complaints += u"%1: %2"_s.arg(name, what);
    }

    const QStringList &complaints() const { return m_complaints; }

private:
    const QProcessEnvironment &m_environment;
    QStringList m_complaints;
};

template<int Min, int Max>
Result<int> parseCount(const QString &text)
{
    bool isNumber = false;
    const int count = text.toInt(&isNumber);
    if (!isNumber || count < Min || count > Max) {
        return fail(ErrorCode::BadRequest,
                    u"\"%1\" is not a whole number from %2 to %3"_s.arg(text).arg(Min).arg(Max));
    }
    return count;
}

Result<QStringList> parseImages(const QString &text)
{
    QStringList images;
    for (const QString &part : text.split(u',')) {
        const QString image = part.trimmed();
        if (image.isEmpty()) {
            return fail(ErrorCode::BadRequest,
                        u"\"%1\" has an empty image name between its commas"_s.arg(text));
        }
        images += image;
    }
    return images;
}

/// A default and the maximum that bounds it. A lower maximum takes the built-in default down with
/// it; a default that was set above the maximum is a contradiction and said to be one.
template<typename T, typename Parse>
void readBounded(Reader &reader, const QString &what, T &usual, T &most, Parse parse)
{
    const QString usualName = u"SKILLBOX_DEFAULT_"_s + what;
    const QString mostName = u"SKILLBOX_MAX_"_s + what;
    const bool usualSet = reader.read(usualName, usual, parse);
    const bool mostSet = reader.read(mostName, most, parse);
    if (usual <= most)
        return;
    if (usualSet) {
        reader.complain(usualName,
                        mostSet ? u"\"%1\" is over %2 \"%3\""_s.arg(reader.text(usualName),
                                                                    mostName, reader.text(mostName))
                                : u"\"%1\" is over the maximum, which %2 sets"_s.arg(
                                    reader.text(usualName), mostName));
    }
    usual = most;
}

QString dataDirectory(Reader &reader)
{
    const QString set = reader.text(u"SKILLBOX_DATA_DIR"_s);
    if (!set.isEmpty())
        return QDir::cleanPath(QDir::current().absoluteFilePath(set));
    // A relative XDG_DATA_HOME is to be ignored (XDG Base Directory Specification 0.8).
    const QString xdg = reader.text(u"XDG_DATA_HOME"_s);
    if (QDir::isAbsolutePath(xdg))
        return QDir::cleanPath(xdg + u"/skillbox"_s);
    const QString home = reader.text(u"HOME"_s);
    if (QDir::isAbsolutePath(home))
        return QDir::cleanPath(home + u"/.local/share/skillbox"_s);
    reader.complain(u"SKILLBOX_DATA_DIR"_s,
                    u"is not set and there is no home directory to put the data in"_s);
    return {};
}

Result<RequiredControls> parseControls(const QString &text)
{
    RequiredControls required;
    for (const QString &part : text.split(u',', Qt::SkipEmptyParts)) {
        const QString control = part.trimmed();
        if (control == "control_group"_L1) {
            required.controlGroup = true;
        } else if (control == "landlock"_L1) {
            required.landlock = true;
        } else if (control == "time_namespace"_L1) {
            required.timeNamespace = true;
        } else {
            return fail(
                ErrorCode::BadRequest,
                u"\"%1\" names \"%2\", which is not one of control_group, landlock, time_namespace"_s
                    .arg(text, control));
        }
    }
    return required;
}

QString launcherPath(Reader &reader, const QString &programDirectory)
{
    const QString name = u"SKILLBOX_SANDBOX_LAUNCHER"_s;
    const QString set = reader.text(name);
    if (!set.isEmpty()) {
        const QFileInfo file(QDir::current().absoluteFilePath(set));
        if (!file.isFile() || !file.isExecutable())
            reader.complain(name, u"\"%1\" is not an executable file"_s.arg(set));
        return file.absoluteFilePath();
    }
    const QDir program(programDirectory);
    const QString beside = program.absoluteFilePath(u"skillbox-sandbox"_s);
    const QString installed = QDir::cleanPath(
        program.absoluteFilePath(u"../libexec/skillbox/skillbox-sandbox"_s));
    // With neither there the first run says so: most commands need no sandbox.
    return !QFileInfo::exists(beside) && QFileInfo::exists(installed) ? installed : beside;
}

Result<bool> parseSwitch(const QString &text)
{
    const QString word = text.toLower();
    if (word == "true"_L1 || word == "1"_L1 || word == "yes"_L1 || word == "on"_L1)
        return true;
    if (word == "false"_L1 || word == "0"_L1 || word == "no"_L1 || word == "off"_L1)
        return false;
    return fail(ErrorCode::BadRequest, u"\"%1\" is neither true nor false"_s.arg(text));
}

/// Days as a number or with a d: `30`, `30d`.
Result<qint64> parseDays(const QString &text)
{
    bool isNumber = false;
    const qint64 days = (text.endsWith(u'd') ? text.chopped(1) : text).toLongLong(&isNumber);
    if (!isNumber || days < 0 || days > mostRetentionDays) {
        return fail(
            ErrorCode::BadRequest,
            u"\"%1\" is not a number of days from 0, which is for ever, to %2"_s.arg(text).arg(
                mostRetentionDays));
    }
    return days;
}

TenantSettings readTenantDefaults(Reader &reader)
{
    TenantSettings defaults;
    const auto runs = [](const QString &text) { return parseCount<0, 1'000'000>(text); };
    reader.read(u"SKILLBOX_QUOTA_CONCURRENT"_s, defaults.maxConcurrent, runs);
    reader.read(u"SKILLBOX_QUOTA_RUNS_PER_MINUTE"_s, defaults.runsPerMinute, runs);
    reader.read(u"SKILLBOX_QUOTA_STORAGE"_s, defaults.storageBytes,
                [](const QString &text) -> Result<qint64> {
                    if (text == u"0")
                        return 0;
                    return parseBytes(text);
                });
    reader.read(u"SKILLBOX_RETENTION_LOGS"_s, defaults.logDays, parseDays);
    reader.read(u"SKILLBOX_RETENTION_ARTIFACTS"_s, defaults.artifactDays, parseDays);
    reader.read(u"SKILLBOX_RETENTION_EXECUTIONS"_s, defaults.executionDays, parseDays);
    return defaults;
}

OciConfig readOci(Reader &reader)
{
    OciConfig oci;
    reader.read(u"SKILLBOX_OCI_HOST"_s, oci.host, [](const QString &text) {
        return parseOciAddress(text).map([&](const OciAddress &) { return text; });
    });
    reader.read(u"SKILLBOX_OCI_RUNTIME"_s, oci.runtime, [](const QString &text) -> Result<QString> {
        static const QRegularExpression form(u"\\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\\z"_s);
        if (!form.match(text).hasMatch())
            return fail(ErrorCode::BadRequest,
                        u"\"%1\" is not the name of a container runtime, such as runsc"_s.arg(
                            text));
        return text;
    });
    reader.read(u"SKILLBOX_OCI_PULL"_s, oci.pull,
                [](const QString &text) { return parsePullPolicy(text); });
    const QString mode = u"SKILLBOX_RUNTIME"_s;
    reader.read(mode, oci.mode, [](const QString &text) { return parseRuntimeMode(text); });
    if (oci.mode == RuntimeMode::Oci && oci.host.isEmpty())
        reader.complain(mode, u"\"%1\" needs SKILLBOX_OCI_HOST"_s.arg(reader.text(mode)));
    return oci;
}

S3Config readS3(Reader &reader)
{
    S3Config s3;
    const QString endpoint = reader.text(u"SKILLBOX_S3_ENDPOINT"_s);
    if (endpoint.isEmpty())
        return s3;
    bool useSsl = true;
    reader.read(u"SKILLBOX_S3_USE_SSL"_s, useSsl, parseSwitch);
    const auto withScheme = [useSsl](const QString &address) {
        return address.isEmpty() || address.contains(u"://"_s)
            ? address
            : (useSsl ? u"https://"_s : u"http://"_s) + address;
    };
    s3.endpoint = withScheme(endpoint);
    s3.publicEndpoint = withScheme(reader.text(u"SKILLBOX_S3_PUBLIC_ENDPOINT"_s));
    const QString accessKey = u"SKILLBOX_S3_ACCESS_KEY"_s;
    const QString secretKey = u"SKILLBOX_S3_SECRET_KEY"_s;
    s3.accessKey = reader.text(accessKey);
    s3.secretKey = reader.text(secretKey);
    for (const QString &name : {accessKey, secretKey}) {
        if (reader.text(name).isEmpty())
            reader.complain(name, u"is not set, but SKILLBOX_S3_ENDPOINT is"_s);
    }
    const auto words = [](const QString &text) { return Result<QString>(text); };
    reader.read(u"SKILLBOX_S3_REGION"_s, s3.region, words);
    reader.read(u"SKILLBOX_S3_BUCKET_EXECUTIONS"_s, s3.bucket, words);
    reader.read(u"SKILLBOX_S3_BUCKET_IN_HOST"_s, s3.bucketInHost, parseSwitch);
    reader.read(u"SKILLBOX_S3_CA_FILE"_s, s3.caFile, words);
    return s3;
}

} // namespace

Result<EngineConfig> loadEngineConfig(const QProcessEnvironment &environment,
                                      const QString &programDirectory)
{
    const auto duration = [](const QString &text) { return parseDuration(text); };
    const auto bytes = [](const QString &text) { return parseBytes(text); };
    const auto milliCpu = [](const QString &text) { return parseMilliCpu(text); };

    Reader reader(environment);
    EngineConfig config;
    RunLimits &limits = config.limits;
    config.dataDirectory = dataDirectory(reader);
    config.launcherPath = launcherPath(reader, programDirectory);
    reader.read(u"SKILLBOX_DB_DSN"_s, config.databaseDsn, [](const QString &text) {
        return parsePostgresDsn(text).map([&](const PostgresDsn &) { return text; });
    });
    config.s3 = readS3(reader);
    config.oci = readOci(reader);
    config.tenantDefaults = readTenantDefaults(reader);

    readBounded(reader, u"TIMEOUT"_s, limits.defaultTimeout, limits.maxTimeout, duration);
    readBounded(reader, u"MEMORY"_s, limits.defaultMemoryBytes, limits.maxMemoryBytes, bytes);
    readBounded(reader, u"CPU"_s, limits.defaultMilliCpu, limits.maxMilliCpu, milliCpu);
    reader.read(u"SKILLBOX_MAX_OUTPUT_SIZE"_s, limits.maxLogBytes, bytes);
    reader.read(u"SKILLBOX_MAX_FILES_SIZE"_s, limits.maxFilesBytes, bytes);

    limits.maxConcurrent = qMax(1, QThread::idealThreadCount()) * 4;
    reader.read(u"SKILLBOX_MAX_CONCURRENT_EXECS"_s, limits.maxConcurrent, parseCount<1, 4096>);
    reader.read(u"SKILLBOX_MAX_QUEUE"_s, limits.maxQueue, parseCount<0, 1'000'000>);
    reader.read(u"SKILLBOX_IMAGE_ALLOWLIST"_s, limits.imageAllowlist, parseImages);
    reader.read(u"SKILLBOX_REQUIRED_CONTROLS"_s, limits.requiredControls, parseControls);

    ArchiveLimits &archive = config.archiveLimits;
    reader.read(u"SKILLBOX_MAX_SKILL_SIZE"_s, archive.archiveBytes, bytes);
    // A skill that is allowed packed must be allowed unpacked.
    archive.unpackedBytes = qMax(archive.unpackedBytes, archive.archiveBytes);

    if (!reader.complaints().isEmpty())
        return fail(ErrorCode::BadRequest, reader.complaints().join(u'\n'));
    return config;
}

} // namespace skillbox
