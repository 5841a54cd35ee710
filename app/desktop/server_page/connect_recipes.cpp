#include "app/desktop/server_page/connect_recipes.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString words(const char *text)
{
    return QCoreApplication::translate("ConnectRecipes", text);
}

/// For a POSIX shell, in single quotes where it needs them.
QString quoted(const QString &text)
{
    for (const QChar c : text) {
        if (!c.isLetterOrNumber() && !QStringView(u"/._-+:").contains(c)) {
            QString escaped = text;
            return u'\'' + escaped.replace(u'\'', u"'\\''"_s) + u'\'';
        }
    }
    return text;
}

QString environmentLines(const ConnectFacts &facts)
{
    return u"export SKILLBOX_SERVER_URL=%1\n"
           "export SKILLBOX_API_KEY=$(sed -n 's/.*\"key\": *\"\\([^\"]*\\)\".*/\\1/p' %2)\n"_s.arg(
               facts.address, quoted(facts.keyFile));
}

QString mcpText(const ConnectFacts &facts)
{
    const QByteArray program = QJsonDocument(QJsonArray{facts.program}).toJson(QJsonDocument::Compact);
    return u"{\n  \"mcpServers\": {\n    \"skillbox\": {\n      \"command\": %1,\n"
           "      \"args\": [\"mcp\"]\n    }\n  }\n}\n"_s.arg(
               QString::fromUtf8(program.mid(1, program.size() - 2)));
}

QString curlText(const ConnectFacts &facts)
{
    return environmentLines(facts)
        + u"\ncurl -sS \"$SKILLBOX_SERVER_URL/v1/executions\" \\\n"
          "  -H \"Authorization: Bearer $SKILLBOX_API_KEY\" \\\n"
          "  -H 'Content-Type: application/json' \\\n"
          "  -d '{\"skill\": \"word-counter\", \"input\": {\"text\": \"a b a\"}}'\n"_s;
}

QString pythonText(const ConnectFacts &facts)
{
    return u"from skillbox import Client\n\n"
           "client = Client(\"%1\")  # the key comes from SKILLBOX_API_KEY\n"
           "result = client.run(\"word-counter\", {\"text\": \"a b a\"})\n"
           "print(result.status, result.output)\n"_s.arg(facts.address);
}

QString goText(const ConnectFacts &facts)
{
    return u"// the key comes from SKILLBOX_API_KEY\n"
           "client, err := skillbox.NewClient(\"%1\", skillbox.Options{})\n"
           "if err != nil {\n\treturn err\n}\n"
           "result, err := client.Run(ctx, skillbox.RunRequest{\n"
           "\tSkill: \"word-counter\",\n"
           "\tInput: map[string]any{\"text\": \"a b a\"},\n"
           "})\n"_s.arg(facts.address);
}

QString typeScriptText(const ConnectFacts &facts)
{
    return u"import { Client } from \"./skillbox\";\n\n"
           "const client = new Client(\"%1\"); // the key comes from SKILLBOX_API_KEY\n"
           "const result = await client.run(\"word-counter\", { text: \"a b a\" });\n"
           "console.log(result.status, result.output);\n"_s.arg(facts.address);
}

} // namespace

QList<ConnectRecipe> connectRecipes(const ConnectFacts &facts)
{
    const QString program = quoted(facts.program);
    return {
        {words("MCP"),
         words("Agents that speak MCP start Skillbox themselves. This is for the client's "
               "configuration file; every skill of this machine becomes a tool."),
         mcpText(facts), u"mcp.json"_s},
        {words("MCP over HTTP"),
         words("For agents that connect to a running server. A key that outlives a restart of the "
               "server is made with the button above."),
         environmentLines(facts) + u"\n# address of the MCP endpoint:\necho \"$SKILLBOX_SERVER_URL/mcp\"\n"
             "# header that it wants:\necho \"Authorization: Bearer $SKILLBOX_API_KEY\"\n"_s,
         u"connect.sh"_s},
        {words("Shell"), words("The command line finds the address and the key by itself."),
         program + u" --server local skill list\n"_s + program
             + u" --server local run word-counter --input '{\"text\":\"a b a\"}'\n"_s,
         u"connect.sh"_s},
        {u"curl"_s, words("The key is read from a file that only you can read."), curlText(facts),
         u"connect.sh"_s},
        {u"Python"_s, words("With sdk/python/skillbox.py, one file without dependencies."),
         pythonText(facts), u"connect.py"_s},
        {u"Go"_s, words("With the module in sdk/go."), goText(facts), u"connect.go"_s},
        {u"TypeScript"_s, words("With sdk/typescript/skillbox.ts, one file without dependencies."),
         typeScriptText(facts), u"connect.ts"_s},
    };
}

} // namespace skillbox
