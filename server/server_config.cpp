#include "server/server_config.h"

#include "engine/skill/quantity.h"
#include "server/config_file.h"
#include "server/http/trusted_proxies.h"
#include "server/listen_address.h"
#include "server/oidc_settings.h"
#include "server/server_options.h"

#include <QDir>
#include <QFileInfo>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Settings that the contract knows and this version does not have. To ignore them would put data
/// where nobody looks for it or let in whom nobody meant to.
constexpr std::array absentSettings{
    std::pair{"REDIS_URL", "one process serves everything; Redis is not supported"},
};

/// What the command line says: values by variable, and what stands for itself.
struct CommandLine {
    ServerConfig::Wish wish = ServerConfig::Wish::Serve;
    QString configFile;
    QMap<QString, QString> values;
    QStringList complaints;
};

CommandLine readArguments(const QStringList &arguments)
{
    CommandLine line;
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        const QString &argument = arguments[i];
        if (argument == u"-h" || argument == u"--help") {
            line.wish = ServerConfig::Wish::ShowHelp;
            return line;
        }
        if (argument == u"--version") {
            line.wish = ServerConfig::Wish::ShowVersion;
            return line;
        }
        const qsizetype equals = argument.indexOf(u'=');
        const QString name = argument.first(equals < 0 ? argument.size() : equals);
        const bool isFlag = name.startsWith(u"--") && name == name.toLower()
            && !name.contains(u'_');
        const ServerOption *option = isFlag ? findServerOption(QStringView(name).sliced(2))
                                            : nullptr;
        if (!option && name != u"--config") {
            const QString similar = name.startsWith(u"--") ? similarServerOption(name.sliced(2))
                                                           : QString();
            const ServerOption *other = similar.isEmpty() ? nullptr : findServerOption(similar);
            line.complaints += u"%1 is no option of serve"_s.arg(name)
                + (other ? u"; did you mean %1?"_s.arg(flagOf(*other)) : QString());
            // Its value, if there is one, is no mistake of its own.
            if (equals < 0 && i + 1 < arguments.size() && !arguments[i + 1].startsWith(u'-'))
                ++i;
            continue;
        }
        if (equals < 0 && i + 1 >= arguments.size()) {
            line.complaints += u"%1 needs a value"_s.arg(name);
            continue;
        }
        const QString value = equals < 0 ? arguments[++i] : argument.sliced(equals + 1);
        if (option)
            line.values.insert(variableOf(*option), value);
        else
            line.configFile = value;
    }
    return line;
}

/// The server's own variables, one by one; remembers what is wrong. An empty value is unset.
class Reader
{
public:
    Reader(const QProcessEnvironment &environment, QStringList &complaints)
        : m_environment(environment)
        , m_complaints(complaints)
    {
    }

    QString text(const char *name) const
    {
        return m_environment.value(u"SKILLBOX_"_s + QLatin1StringView(name));
    }
    QStringList list(const char *name) const
    {
        QStringList parts;
        for (const QString &part : text(name).split(u',', Qt::SkipEmptyParts)) {
            if (!part.trimmed().isEmpty())
                parts += part.trimmed();
        }
        return parts;
    }
    void complain(const char *name, const QString &what)
    {
        m_complaints += u"SKILLBOX_%1: %2"_s.arg(QLatin1StringView(name), what);
    }
    template<typename T, typename Parse>
    void read(const char *name, T &target, Parse parse)
    {
        const QString value = text(name);
        if (value.isEmpty())
            return;
        const auto parsed = parse(value);
        if (parsed)
            target = *parsed;
        else
            complain(name, parsed.error().message);
    }

private:
    const QProcessEnvironment &m_environment;
    QStringList &m_complaints;
};

auto countFrom(int smallest, int largest)
{
    return [=](const QString &text) -> Result<int> {
        bool isNumber = false;
        const int count = text.toInt(&isNumber);
        if (isNumber && count >= smallest && count <= largest)
            return count;
        return fail(ErrorCode::BadRequest,
                    u"\"%1\" is not a whole number from %2 to %3"_s.arg(text).arg(smallest).arg(
                        largest));
    };
}

void readAddresses(Reader &reader, LocalServerOptions &options, QStringList &warnings)
{
    int port = 8080;
    reader.read("API_PORT", port, countFrom(0, 65535));
    QStringList addresses = reader.list("LISTEN");
    if (addresses.isEmpty())
        addresses += u"127.0.0.1:%1"_s.arg(port);
    options.listen.clear();
    bool beyond = false;
    for (const QString &text : std::as_const(addresses)) {
        const Result<ListenAddress> address = parseListenAddress(text, port);
        if (!address) {
            reader.complain("LISTEN", address.error().message);
            continue;
        }
        options.listen += address->text();
        beyond = beyond || !address->isThisMachine;
    }
    options.access = beyond ? ServerAccess::Keys : ServerAccess::LocalKey;
    options.allowedHosts = reader.list("ALLOWED_HOSTS");
    options.checkHost = !beyond || !options.allowedHosts.isEmpty();
    options.trustedProxies = reader.list("TRUSTED_PROXIES");
    if (const auto proxies = TrustedProxies::parse(options.trustedProxies); !proxies)
        reader.complain("TRUSTED_PROXIES", proxies.error().message);

    if (const QString text = reader.text("METRICS_LISTEN"); !text.isEmpty()) {
        const Result<ListenAddress> address = parseListenAddress(text, port);
        if (!address)
            reader.complain("METRICS_LISTEN", address.error().message);
        else
            options.metricsListen = address->text();
    }
    if (beyond && options.tlsCertificate.isEmpty() && !options.publicUrl.startsWith(u"https:")) {
        warnings += u"API keys travel unencrypted beyond this machine: give --tls-cert and "
                    "--tls-key, or put a proxy that speaks TLS in front and name it with "
                    "--public-url"_s;
    }
}

void readTls(Reader &reader, LocalServerOptions &options)
{
    options.tlsCertificate = reader.text("TLS_CERT");
    options.tlsKey = reader.text("TLS_KEY");
    if (options.tlsCertificate.isEmpty() != options.tlsKey.isEmpty())
        reader.complain(options.tlsKey.isEmpty() ? "TLS_KEY" : "TLS_CERT",
                        u"is missing: a certificate and its key come together"_s);
    for (const auto &[name, file] :
         {std::pair{"TLS_CERT", &options.tlsCertificate}, std::pair{"TLS_KEY", &options.tlsKey}}) {
        if (!file->isEmpty() && !QFileInfo(*file).isReadable())
            reader.complain(name, u"cannot read the file \"%1\""_s.arg(*file));
        if (!file->isEmpty())
            *file = QDir::current().absoluteFilePath(*file);
    }
}

bool isWebOrigin(const QUrl &url)
{
    return url.isValid() && !url.host().isEmpty()
        && (url.scheme() == u"http" || url.scheme() == u"https") && url.userInfo().isEmpty()
        && !url.hasQuery() && !url.hasFragment();
}

void readLinks(Reader &reader, LocalServerOptions &options)
{
    QString publicUrl = reader.text("PUBLIC_URL");
    while (publicUrl.endsWith(u'/'))
        publicUrl.chop(1);
    if (!publicUrl.isEmpty() && !isWebOrigin(QUrl(publicUrl, QUrl::StrictMode))) {
        reader.complain("PUBLIC_URL",
                        u"\"%1\" is not an address such as "
                        "https://skillbox.example.com"_s.arg(publicUrl));
    }
    options.publicUrl = publicUrl;
    options.corsOrigins = reader.list("CORS_ORIGINS");
    for (const QString &origin : std::as_const(options.corsOrigins)) {
        const QUrl url(origin, QUrl::StrictMode);
        if (!isWebOrigin(url) || !url.path().isEmpty()) {
            reader.complain("CORS_ORIGINS",
                            u"\"%1\" is not an origin such as https://app.example.com; there is "
                            "no way to allow all"_s.arg(origin));
        }
    }
}

void readRateLimit(Reader &reader, LocalServerOptions &options)
{
    const QString text = reader.text("RATE_LIMIT");
    if (text.isEmpty())
        return;
    const QString count = text.section(u'/', 0, 0);
    const QString window = text.section(u'/', 1);
    bool isNumber = false;
    options.rateLimit = count.toInt(&isNumber);
    if (!isNumber || options.rateLimit < 0 || options.rateLimit > 1'000'000) {
        reader.complain("RATE_LIMIT",
                        u"\"%1\" is not a number of requests such as 600 or 100/10s"_s.arg(text));
        return;
    }
    if (window.isEmpty() && !text.contains(u'/'))
        return;
    const Result<std::chrono::milliseconds> duration = parseDuration(window);
    const auto seconds = duration ? std::chrono::duration_cast<std::chrono::seconds>(*duration)
                                  : std::chrono::seconds(0);
    if (seconds.count() < 1 || seconds.count() > 86'400)
        reader.complain("RATE_LIMIT", u"\"%1\" is not a time from 1s to 24h"_s.arg(window));
    else
        options.rateWindow = seconds;
}

void readServer(Reader &reader, ServerConfig &config)
{
    LocalServerOptions &options = config.server;
    readTls(reader, options);
    readLinks(reader, options);
    readAddresses(reader, options, config.warnings);
    readRateLimit(reader, options);
    const auto bytes = [](const QString &text) { return parseBytes(text); };
    reader.read("MAX_BODY_SIZE", options.maxJsonBytes, bytes);
    reader.read("MAX_UPLOAD_SIZE", options.maxUploadBytes, bytes);
    reader.read("MAX_CONNECTIONS", options.maxConnections, countFrom(1, 100'000));
    reader.read("WORKERS", options.workers, countFrom(1, 1024));
    reader.read("GRACE", config.grace,
                [](const QString &text) -> Result<std::chrono::milliseconds> {
                    if (text == u"0" || text == u"0s")
                        return std::chrono::milliseconds(0);
                    return parseDuration(text);
                });
    options.metricsKey = reader.text("METRICS_KEY").toUtf8();
    options.publicTenant = reader.text("PUBLIC_SKILLS");
    reader.read("AUTH_FAILURE_LIMIT", options.authFailures, countFrom(0, 1'000'000));
    if (const QString tenant = reader.text("OPERATOR_TENANT"); !tenant.isEmpty())
        options.operatorTenant = tenant;
    if (const QString level = reader.text("LOG_LEVEL"); !level.isEmpty()) {
        if (const auto known = logLevelFromName(level))
            config.logLevel = *known;
        else
            reader.complain("LOG_LEVEL",
                            u"\"%1\" is not one of debug, info, warning, error"_s.arg(level));
    }
    if (const QString format = reader.text("LOG_FORMAT"); !format.isEmpty()) {
        config.logFormat = logFormatFromName(format);
        if (!config.logFormat)
            reader.complain("LOG_FORMAT", u"\"%1\" is neither json nor text"_s.arg(format));
    }
    for (const auto &[name, why] : absentSettings) {
        if (!reader.text(name).isEmpty())
            reader.complain(name, QString::fromUtf8(why));
    }
}

} // namespace

Result<ServerConfig> loadServerConfig(const QStringList &arguments,
                                      const QProcessEnvironment &environment,
                                      const QString &programDirectory)
{
    CommandLine line = readArguments(arguments);
    ServerConfig config;
    config.wish = line.wish;
    if (config.wish != ServerConfig::Wish::Serve)
        return config;

    QStringList complaints = line.complaints;
    QProcessEnvironment merged;
    const QString file = line.configFile.isEmpty() ? environment.value(u"SKILLBOX_CONFIG"_s)
                                                   : line.configFile;
    if (!file.isEmpty()) {
        const auto values = readConfigFile(file);
        if (!values)
            complaints += values.error().message;
        for (auto it = values ? values->begin() : line.values.end(); values && it != values->end();
             ++it)
            merged.insert(it.key(), it.value());
    }
    for (const QString &name : environment.keys()) {
        if (const QString value = environment.value(name); !value.isEmpty())
            merged.insert(name, value);
    }
    for (auto it = line.values.begin(); it != line.values.end(); ++it)
        merged.insert(it.key(), it.value());

    Result<EngineConfig> engine = loadEngineConfig(merged, programDirectory);
    if (engine)
        config.engine = *engine;
    else
        complaints += engine.error().message;
    Reader reader(merged, complaints);
    readServer(reader, config);
    config.server.oidc = readOidcSettings(merged, complaints);
    if (!complaints.isEmpty())
        return fail(ErrorCode::BadRequest, complaints.join(u'\n'));
    return config;
}

} // namespace skillbox
