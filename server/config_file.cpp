#include "server/config_file.h"

#include "engine/skill/text_position.h"
#include "engine/skill/yaml_header.h"
#include "server/server_options.h"

#include <QFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 largestFile = 256 << 10;

class ConfigReader
{
public:
    ConfigReader(QString path, QByteArrayView text) : m_path(std::move(path)), m_position(text) { }

    void complain(qsizetype at, const QString &what)
    {
        m_complaints += u"%1:%2: %3"_s.arg(m_path).arg(m_position.at(at).line).arg(what);
    }

    void read(const YamlNode &mapping, const QString &prefix)
    {
        for (size_t i = 0; i < mapping.keys.size(); ++i) {
            const YamlNode &key = mapping.keys[i];
            const YamlNode &value = mapping.items[i];
            const QString name = prefix + key.text;
            if (value.isMapping())
                read(value, name + u'_');
            else if (const ServerOption *option = findServerOption(name))
                take(*option, value);
            else
                complain(key.start, unknown(name));
        }
    }

    const QStringList &complaints() const { return m_complaints; }
    const QMap<QString, QString> &values() const { return m_values; }

private:
    static QString unknown(const QString &name)
    {
        const QString similar = similarServerOption(name);
        return u"there is no setting \"%1\""_s.arg(name)
            + (similar.isEmpty() ? QString() : u"; did you mean %1?"_s.arg(similar.toLower()));
    }

    void take(const ServerOption &option, const YamlNode &value)
    {
        const QString variable = variableOf(option);
        if (m_values.contains(variable)) {
            complain(value.start,
                     u"%1 is set twice"_s.arg(QString::fromLatin1(option.name).toLower()));
            return;
        }
        QStringList parts;
        if (value.isScalar())
            parts += value.text;
        for (const YamlNode &item : value.items) {
            if (item.isScalar())
                parts += item.text;
            else
                complain(item.start, u"a list of plain values is expected"_s);
        }
        m_values.insert(variable, parts.join(u','));
    }

    const QString m_path;
    const TextPosition m_position;
    QStringList m_complaints;
    QMap<QString, QString> m_values;
};

} // namespace

Result<QMap<QString, QString>> readConfigFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return fail(ErrorCode::BadRequest,
                    u"cannot read the configuration \"%1\": %2"_s.arg(path, file.errorString()));
    }
    const QByteArray text = file.read(largestFile + 1);
    if (text.size() > largestFile) {
        return fail(ErrorCode::BadRequest,
                    u"the configuration \"%1\" is larger than %2 bytes"_s.arg(path).arg(
                        largestFile));
    }
    ConfigReader reader(path, text);
    if (firstInvalidUtf8(text)) {
        reader.complain(*firstInvalidUtf8(text), u"this is not UTF-8"_s);
        return fail(ErrorCode::BadRequest, reader.complaints().join(u'\n'));
    }
    if (text.trimmed().isEmpty())
        return QMap<QString, QString>();
    const YamlHeader header = parseYamlHeader(text);
    for (const YamlProblem &problem : header.problems)
        reader.complain(problem.start,
                        QString(problem.message).replace(u"the front matter"_s, u"the file"_s));
    if (header.root)
        reader.read(*header.root, {});
    else if (header.problems.isEmpty())
        reader.complain(0, u"a mapping of settings is expected, such as `max_queue: 100`"_s);
    if (!reader.complaints().isEmpty())
        return fail(ErrorCode::BadRequest, reader.complaints().join(u'\n'));
    return reader.values();
}

} // namespace skillbox
