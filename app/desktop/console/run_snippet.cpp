#include "app/desktop/console/run_snippet.h"

#include "app/desktop/session/json_node.h"
#include "engine/skill/quantity.h"

#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString quotedJson(const QString &text)
{
    return QString::fromUtf8(JsonNode::string(text).compact());
}

/// For a POSIX shell.
QString quotedShell(QString text)
{
    return u'\'' + text.replace(u'\'', u"'\\''"_s) + u'\'';
}

QString pythonLiteral(const JsonNode &value)
{
    QStringList parts;
    for (int i = 0; i < value.size(); ++i) {
        const QString part = pythonLiteral(value.children()[static_cast<size_t>(i)]);
        parts.append(value.isObject() ? quotedJson(value.nameAt(i)) + u": "_s + part : part);
    }
    switch (value.kind()) {
    case JsonNode::Kind::Null: return u"None"_s;
    case JsonNode::Kind::Bool: return value.toBool() ? u"True"_s : u"False"_s;
    case JsonNode::Kind::Array: return u'[' + parts.join(u", "_s) + u']';
    case JsonNode::Kind::Object: return u'{' + parts.join(u", "_s) + u'}';
    case JsonNode::Kind::String: return quotedJson(value.text());
    case JsonNode::Kind::Number: break;
    }
    return value.text();
}

JsonNode inputOf(const RunOrder &order)
{
    return JsonNode::parse(order.input).value_or(JsonNode::object());
}

JsonNode environmentOf(const RunOrder &order)
{
    JsonNode object = JsonNode::object();
    for (auto it = order.environment.begin(); it != order.environment.end(); ++it)
        object.setMember(it.key(), JsonNode::string(it.value()));
    return object;
}

QString timeoutText(const RunOrder &order)
{
    return order.timeout ? formatDuration(*order.timeout) : QString();
}

/// What an order for a server has beside skill and input, by the names of the wire.
QList<std::pair<QString, QString>> plainOptions(const RunOrder &order)
{
    QList<std::pair<QString, QString>> options;
    const auto add = [&](const QString &name, const QString &value) {
        if (!value.isEmpty())
            options.append({name, value});
    };
    add(u"version"_s, order.version);
    add(u"entrypoint"_s, order.entrypoint);
    add(u"timeout"_s, timeoutText(order));
    add(u"session_id"_s, order.session);
    return options;
}

QString filesRemark(const RunOrder &order, const QString &mark)
{
    if (order.inputFiles.isEmpty())
        return {};
    QStringList names;
    for (const QString &path : order.inputFiles)
        names.append(QFileInfo(path).fileName());
    return mark + u" Its input files have to be uploaded first, and their ids given: "_s
        + names.join(u", "_s) + u'\n';
}

QString curlSnippet(const RunOrder &order, const QString &address)
{
    JsonNode body = JsonNode::object();
    body.setMember(u"skill"_s, JsonNode::string(order.skill));
    for (const auto &[name, value] : plainOptions(order))
        body.setMember(name, JsonNode::string(value));
    body.setMember(u"input"_s, inputOf(order));
    if (!order.environment.isEmpty())
        body.setMember(u"env"_s, environmentOf(order));
    return filesRemark(order, u"#"_s)
        + u"curl -sS %1/v1/executions \\\n"
          "  -H \"Authorization: Bearer $SKILLBOX_API_KEY\" \\\n"
          "  -H 'Content-Type: application/json' \\\n"
          "  -d %2\n"_s.arg(address, quotedShell(QString::fromUtf8(body.compact())));
}

QString pythonSnippet(const RunOrder &order, const QString &address)
{
    QString call = u"result = client.run(%1, %2"_s.arg(quotedJson(order.skill),
                                                       pythonLiteral(inputOf(order)));
    for (const auto &[name, value] : plainOptions(order))
        call += u", %1=%2"_s.arg(name, quotedJson(value));
    if (!order.environment.isEmpty())
        call += u", env="_s + pythonLiteral(environmentOf(order));
    return u"from skillbox import Client\n\n"
           "# The key comes from SKILLBOX_API_KEY.\n"
           "client = Client(%1)\n"_s.arg(quotedJson(address))
        + filesRemark(order, u"#"_s) + call + u")\nprint(result.status, result.output)\n"_s;
}

QString goSnippet(const RunOrder &order, const QString &address)
{
    QString fields = u"\t\tSkill: %1,\n"_s.arg(quotedJson(order.skill));
    const auto add = [&](const QString &name, const QString &value) {
        if (!value.isEmpty())
            fields += u"\t\t%1: %2,\n"_s.arg(name, value);
    };
    const auto text = [](const QString &value) {
        return value.isEmpty() ? QString() : quotedJson(value);
    };
    add(u"Version"_s, text(order.version));
    add(u"Input"_s,
        u"json.RawMessage(%1)"_s.arg(quotedJson(QString::fromUtf8(inputOf(order).compact()))));
    if (!order.environment.isEmpty()) {
        add(u"Env"_s, u"map[string]string"_s + QString::fromUtf8(environmentOf(order).compact()));
    }
    add(u"Entrypoint"_s, text(order.entrypoint));
    if (order.timeout)
        add(u"Timeout"_s, u"%1 * time.Millisecond"_s.arg(order.timeout->count()));
    add(u"SessionID"_s, text(order.session));
    QStringList packages{u"context"_s, u"encoding/json"_s, u"fmt"_s, u"log"_s};
    if (order.timeout)
        packages.append(u"time"_s);
    QString imports;
    for (const QString &package : packages)
        imports += u"\t\"%1\"\n"_s.arg(package);
    return u"package main\n\nimport (\n%1\n\t\"skillbox\"\n)\n\n"
           "func main() {\n"
           "\t// The key comes from SKILLBOX_API_KEY.\n"
           "\tclient, err := skillbox.NewClient(%2, skillbox.Options{})\n"
           "\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n"_s.arg(imports, quotedJson(address))
        + filesRemark(order, u"\t//"_s)
        + u"\tresult, err := client.Run(context.Background(), skillbox.RunRequest{\n"_s + fields
        + u"\t})\n"
          "\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n"
          "\tfmt.Println(result.Status, string(result.Output))\n"
          "}\n"_s;
}

QString typeScriptSnippet(const RunOrder &order, const QString &address)
{
    JsonNode options = JsonNode::object();
    for (const auto &[name, value] : plainOptions(order))
        options.setMember(name, JsonNode::string(value));
    if (!order.environment.isEmpty())
        options.setMember(u"env"_s, environmentOf(order));
    const QString more = options.size() == 0 ? QString()
                                             : u", "_s + QString::fromUtf8(options.compact());
    return u"import { Client } from \"./skillbox\";\n\n"
           "// The key comes from SKILLBOX_API_KEY.\n"
           "const client = new Client(%1);\n"_s.arg(quotedJson(address))
        + filesRemark(order, u"//"_s)
        + u"const result = await client.run(%1, %2%3);\n"
          "console.log(result.status, result.output);\n"_s.arg(
              quotedJson(order.skill), QString::fromUtf8(inputOf(order).compact()), more);
}

} // namespace

QString runSnippet(SnippetLanguage language, const RunOrder &order, const QString &address)
{
    switch (language) {
    case SnippetLanguage::Curl: return curlSnippet(order, address);
    case SnippetLanguage::Python: return pythonSnippet(order, address);
    case SnippetLanguage::Go: return goSnippet(order, address);
    case SnippetLanguage::TypeScript: break;
    }
    return typeScriptSnippet(order, address);
}

} // namespace skillbox
