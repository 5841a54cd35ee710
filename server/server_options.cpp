#include "server/server_options.h"

#include <QStringList>

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr std::array addressOptions{
    ServerOption{"LISTEN", "ADDRESS[,…]", "127.0.0.1:8080",
                 "Where to listen: 127.0.0.1:8080, [::1]:8080, 0.0.0.0:8080, unix:/path; port 0 is "
                 "any free one. Beyond this machine API keys are needed"},
    ServerOption{"API_PORT", "PORT", "8080", "The port where LISTEN names none"},
    ServerOption{"PUBLIC_URL", "URL", "from the request",
                 "How clients reach the server: the beginning of the links in its answers"},
    ServerOption{"TLS_CERT", "FILE", "no TLS", "The certificate chain, PEM"},
    ServerOption{"TLS_KEY", "FILE", "no TLS", "Its private key, PEM"},
    ServerOption{"ALLOWED_HOSTS", "NAME[,…]", "this machine's",
                 "Names that a Host header may carry besides the loopback's own; others are "
                 "refused. Beyond this machine it is checked only if this is set"},
    ServerOption{"TRUSTED_PROXIES", "NETWORK[,…]", "none",
                 "Proxies whose X-Forwarded-For says for whom a request is: 10.0.0.5, 10.0.0.0/8, "
                 "unix"},
    ServerOption{"CORS_ORIGINS", "ORIGIN[,…]", "none",
                 "Web pages of these origins may use the API from a browser"},
};
constexpr std::array serverOnly{
    ServerOption{"RATE_LIMIT", "N[/DURATION]", "no limit",
                 "Requests that a tenant may make in that time, by default a minute"},
    ServerOption{"AUTH_FAILURE_LIMIT", "N", "60",
                 "Calls without a valid key that an address may make in a minute; 0: no limit"},
    ServerOption{"OPERATOR_TENANT", "TENANT", "local",
                 "The tenant whose admins set what all tenants may use"},
    ServerOption{"MAX_CONNECTIONS", "N", "1024", "Connections at the same time"},
    ServerOption{"MAX_BODY_SIZE", "SIZE", "8Mi", "Largest JSON body of a request"},
    ServerOption{"MAX_UPLOAD_SIZE", "SIZE", "256Mi", "Largest file that can be uploaded"},
    ServerOption{"WORKERS", "N", "by the processors",
                 "Threads for requests that touch the store or the disk"},
    ServerOption{"GRACE", "DURATION", "30s",
                 "How long runs and requests may go on once the server is asked to stop"},
    ServerOption{"METRICS_LISTEN", "ADDRESS", "with the API",
                 "Serve /metrics at this address instead of the API's"},
    ServerOption{"METRICS_KEY", "KEY", "open", "The bearer key that /metrics asks for"},
    ServerOption{"PUBLIC_SKILLS", "TENANT", "nobody's",
                 "The tenant whose skills everybody may find and fetch below /.well-known, without "
                 "a key"},
    ServerOption{"LOG_LEVEL", "debug|info|warning|error", "info", "How much is logged"},
    ServerOption{"LOG_FORMAT", "json|text", "text on a terminal, else json",
                 "One JSON object a line, or lines for people"},
};
constexpr std::array signInOptions{
    ServerOption{"OIDC_ISSUER", "URL", "API keys only",
                 "Take tokens of this OpenID Connect provider, too; exactly as it names itself"},
    ServerOption{"OIDC_AUDIENCE", "TEXT", "–", "What tokens for this server say they are for"},
    ServerOption{"OIDC_ROLE_CLAIM", "CLAIM", "–",
                 "The claim that says what somebody may do, such as groups or realm_access.roles"},
    ServerOption{"OIDC_ROLES", "VALUE=ROLE[,…]", "–",
                 "Which values of it give which role; the first that a token has counts. Without "
                 "one there is no access"},
    ServerOption{"OIDC_TENANT_CLAIM", "CLAIM", "–", "The claim that names the tenant"},
    ServerOption{"OIDC_TENANT", "TENANT", "–", "The tenant of everybody, instead of a claim"},
    ServerOption{"OIDC_CREATE_TENANTS", "true|false", "false",
                 "Make a tenant that a token names and that there is none of"},
    ServerOption{"OIDC_CLIENT_ID", "ID", "no skillbox login",
                 "The public client that skillbox login is at the provider"},
    ServerOption{"OIDC_SCOPES", "SCOPE[,…]", "openid,offline_access", "What it asks for"},
    ServerOption{"OIDC_CA_BUNDLE", "FILE", "the system's",
                 "Authorities to trust for the provider, PEM"},
    ServerOption{"OIDC_CLOCK_SKEW", "DURATION", "60s",
                 "How far the provider's clock may be from ours"},
};
constexpr std::array engineOptions{
    ServerOption{"DATA_DIR", "DIR", "~/.local/share/skillbox", "Where everything is kept"},
    ServerOption{"DB_DSN", "postgres://…", "SQLite in the data directory",
                 "Keep records in this Postgres database, which several servers may share"},
    ServerOption{"S3_ENDPOINT", "URL", "the data directory",
                 "Keep archives and files in a bucket of this S3 store; needs the two keys"},
    ServerOption{"S3_ACCESS_KEY", "KEY", "–", "Whose key it is"},
    ServerOption{
        "S3_SECRET_KEY", "SECRET", "–",
        "The key. Others on the machine can see options; a variable or the file is better"},
    ServerOption{"S3_REGION", "REGION", "us-east-1", "The region that requests are signed for"},
    ServerOption{"S3_BUCKET_EXECUTIONS", "BUCKET", "executions",
                 "The bucket; made if it is missing"},
    ServerOption{"S3_BUCKET_IN_HOST", "true|false", "false",
                 "Address it as BUCKET.host instead of host/BUCKET"},
    ServerOption{"S3_USE_SSL", "true|false", "true",
                 "Where S3_ENDPOINT has no http:// or https://"},
    ServerOption{"S3_CA_FILE", "FILE", "the system's", "Authorities to trust, PEM"},
    ServerOption{"S3_PUBLIC_ENDPOINT", "URL", "none",
                 "Where clients reach the S3 store: files_url then leads there, past the server"},
    ServerOption{"SANDBOX_LAUNCHER", "FILE", "beside the program",
                 "The program that builds sandboxes"},
    ServerOption{"RUNTIME", "auto|native|oci", "auto",
                 "What runs skills; oci: containers for all, needs OCI_HOST"},
    ServerOption{"OCI_HOST", "ADDRESS", "none",
                 "Docker or Podman for images that were not imported: unix:///run/docker.sock, "
                 "tcp://127.0.0.1:2375"},
    ServerOption{"OCI_RUNTIME", "NAME", "the engine's", "A runtime that it knows, such as runsc"},
    ServerOption{"OCI_PULL", "never|missing", "never", "Whether it may pull images"},
    ServerOption{"MAX_CONCURRENT_EXECS", "N", "cores × 4", "Runs at the same time"},
    ServerOption{"MAX_QUEUE", "N", "1000", "Runs that may wait; past it a run is refused"},
    ServerOption{"QUOTA_CONCURRENT", "N", "no limit",
                 "Runs of a tenant at the same time, over all servers"},
    ServerOption{"QUOTA_RUNS_PER_MINUTE", "N", "no limit",
                 "Runs that a tenant may begin in a minute, over all servers"},
    ServerOption{"QUOTA_STORAGE", "SIZE", "no limit",
                 "What a tenant may keep: archives, files, artifacts, files of sessions"},
    ServerOption{"RETENTION_LOGS", "DAYS", "for ever", "How long logs of runs are kept"},
    ServerOption{"RETENTION_ARTIFACTS", "DAYS", "for ever",
                 "How long output files of runs are kept"},
    ServerOption{"RETENTION_EXECUTIONS", "DAYS", "for ever", "How long records of runs are kept"},
    ServerOption{"DEFAULT_TIMEOUT", "DURATION", "120s", "Wall clock of a skill that names none"},
    ServerOption{"MAX_TIMEOUT", "DURATION", "10m", "The most that a skill may ask for"},
    ServerOption{"DEFAULT_MEMORY", "SIZE", "256Mi", "Memory of a skill that names none"},
    ServerOption{"MAX_MEMORY", "SIZE", "1Gi", "The most that a skill may ask for"},
    ServerOption{"DEFAULT_CPU", "CORES", "0.5", "Cores of a skill that names none"},
    ServerOption{"MAX_CPU", "CORES", "4", "The most that a skill may ask for"},
    ServerOption{"MAX_OUTPUT_SIZE", "SIZE", "1Mi", "Log that is kept of a run"},
    ServerOption{"MAX_FILES_SIZE", "SIZE", "256Mi", "What a run may write"},
    ServerOption{"MAX_SKILL_SIZE", "SIZE", "50Mi", "Largest archive that can be published"},
    ServerOption{"IMAGE_ALLOWLIST", "NAME[,…]", "the five default images",
                 "Values of `image` that a skill may name"},
    ServerOption{"REQUIRED_CONTROLS", "NAME[,…]", "none",
                 "Controls without which no run may start: control_group, landlock, "
                 "time_namespace"},
};
constexpr std::array groups{
    ServerOptionGroup{"Address", addressOptions},
    ServerOptionGroup{"Server", serverOnly},
    ServerOptionGroup{"Sign-in", signInOptions},
    ServerOptionGroup{"Store and runs", engineOptions},
};

QString normalised(QStringView name)
{
    QString text = name.toString().toUpper().replace(u'-', u'_');
    if (text.startsWith(u"SKILLBOX_"))
        text.remove(0, 9);
    return text;
}

/// Levenshtein distance; both are short.
int distance(const QString &a, const QString &b)
{
    std::vector<int> row(static_cast<size_t>(b.size()) + 1);
    for (size_t j = 0; j < row.size(); ++j)
        row[j] = static_cast<int>(j);
    for (qsizetype i = 0; i < a.size(); ++i) {
        int diagonal = row[0];
        row[0] = static_cast<int>(i) + 1;
        for (qsizetype j = 0; j < b.size(); ++j) {
            const auto at = static_cast<size_t>(j) + 1;
            const int replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[at];
            row[at] = std::min({replaced, row[at] + 1, row[at - 1] + 1});
        }
    }
    return row.back();
}

/// Breaks at spaces after 78 columns; further lines begin with `indent`.
QString wrappedText(const QString &text, int indent)
{
    constexpr int width = 78;
    QString out;
    int column = indent;
    for (const QString &word : text.split(u' ')) {
        if (column > indent && column + 1 + word.size() > width) {
            out += u'\n' + QString(indent, u' ');
            column = indent;
        } else if (!out.isEmpty()) {
            out += u' ';
            ++column;
        }
        out += word;
        column += static_cast<int>(word.size());
    }
    return out;
}

} // namespace

std::span<const ServerOptionGroup> serverOptions()
{
    return groups;
}

const ServerOption *findServerOption(QStringView name)
{
    const QString wanted = normalised(name);
    for (const ServerOptionGroup &group : groups) {
        for (const ServerOption &option : group.options) {
            if (wanted == QLatin1StringView(option.name))
                return &option;
        }
    }
    return nullptr;
}

QString similarServerOption(QStringView name)
{
    const QString wanted = normalised(name);
    QString best;
    int bestDistance = std::max(1, static_cast<int>(wanted.size()) / 3) + 1;
    for (const ServerOptionGroup &group : groups) {
        for (const ServerOption &option : group.options) {
            const QString known = QString::fromLatin1(option.name);
            const int away = distance(wanted, known);
            if (away < bestDistance) {
                bestDistance = away;
                best = known;
            }
        }
    }
    return best;
}

QString variableOf(const ServerOption &option)
{
    return u"SKILLBOX_"_s + QLatin1StringView(option.name);
}

QString flagOf(const ServerOption &option)
{
    return u"--"_s + QString::fromLatin1(option.name).toLower().replace(u'_', u'-');
}

QString serverHelp()
{
    QString help =
        u"Serve the Skillbox API over HTTP\n"
        "\n"
        "Usage: skillbox serve [OPTIONS]\n"
        "\n"
        "Without options it listens on http://127.0.0.1:8080, for this user's programs\n"
        "only: they find its key in the data directory by themselves. Told to listen\n"
        "beyond this machine it is a server for a team, and every request needs a key:\n"
        "skillbox key create makes one.\n"
        "\n"
        "Each option is also a variable, SKILLBOX_MAX_QUEUE for --max-queue, and a line\n"
        "of the file given with --config, max_queue: 100. Options win over variables,\n"
        "variables over the file.\n"
        "\n"
        "Examples:\n"
        "  skillbox serve\n"
        "  skillbox serve --listen 127.0.0.1:0      # any free port\n"
        "  skillbox serve --listen unix:/run/skillbox/api.sock\n"
        "  skillbox serve --listen 0.0.0.0:8443 --tls-cert cert.pem --tls-key key.pem\n"
        "  skillbox serve --config /etc/skillbox.yaml --log-format json\n"_s;
    constexpr int indent = 6;
    for (const ServerOptionGroup &group : groups) {
        help += u'\n' + QString::fromUtf8(group.title) + u":\n"_s;
        for (const ServerOption &option : group.options) {
            help += u"  "_s + flagOf(option) + u' ' + QString::fromUtf8(option.value) + u'\n';
            help += QString(indent, u' ')
                + wrappedText(u"%1 (default: %2)"_s.arg(QString::fromUtf8(option.description),
                                                        QString::fromUtf8(option.usual)),
                              indent)
                + u'\n';
        }
    }
    help += u"\nOthers:\n"
            "  --config FILE\n      Read the same from a YAML file\n"
            "  -h, --help\n      Show this help\n"
            "  --version\n      Print the version\n"_s;
    return help;
}

} // namespace skillbox
