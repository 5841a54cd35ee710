/// Turns resources/openapi.yaml into the JSON that the server gives out, when the project is built:
/// a server that only reads JSON needs no YAML parser on its way to the first answer, and a mistake
/// in the document is a mistake of the build.
///
///     openapi_compiler SOURCE.yaml TARGET.json VERSION
///
/// Members keep their order. Scalars become values by the core schema of YAML 1.2 (section 10.3);
/// quoted ones are texts. Aliases and merge keys (`<<`) are followed. `@VERSION@` in a text is
/// replaced. Refused: a key that comes twice, a tag, a `$ref` that leads nowhere within the
/// document.

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>

namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

std::runtime_error mistake(const YAML::Node &node, const std::string &what)
{
    return std::runtime_error("line " + std::to_string(node.Mark().line + 1) + ": " + what);
}

class Converter
{
public:
    Converter(Writer &writer, std::string version) : m_writer(writer), m_version(std::move(version))
    {
    }

    void convert(const YAML::Node &node)
    {
        switch (node.Type()) {
        case YAML::NodeType::Map: return convertMap(node);
        case YAML::NodeType::Sequence: return convertSequence(node);
        case YAML::NodeType::Scalar: return convertScalar(node);
        case YAML::NodeType::Null:
        case YAML::NodeType::Undefined: break;
        }
        m_writer.Null();
    }

private:
    void convertMap(const YAML::Node &node)
    {
        std::set<std::string> own;
        for (const auto &member : node) {
            if (!own.insert(member.first.Scalar()).second)
                throw mistake(member.first, "the key " + member.first.Scalar() + " comes twice");
        }
        m_writer.StartObject();
        for (const auto &member : node) {
            if (member.first.Scalar() == "<<")
                mergeMap(member.second, own);
            else
                convertMember(member.first, member.second);
        }
        m_writer.EndObject();
    }

    /// `<<: *other`: the other's members but for those that are written here.
    void mergeMap(const YAML::Node &other, const std::set<std::string> &own)
    {
        if (!other.IsMap())
            throw mistake(other, "only a mapping can be merged");
        for (const auto &member : other) {
            if (!own.contains(member.first.Scalar()))
                convertMember(member.first, member.second);
        }
    }

    void convertMember(const YAML::Node &key, const YAML::Node &value)
    {
        const std::string &name = key.Scalar();
        m_writer.Key(name.c_str(), static_cast<rapidjson::SizeType>(name.size()));
        convert(value);
    }

    void convertSequence(const YAML::Node &node)
    {
        m_writer.StartArray();
        for (const auto &item : node)
            convert(item);
        m_writer.EndArray();
    }

    void convertScalar(const YAML::Node &node)
    {
        static const std::regex integer("[-+]?[0-9]+");
        static const std::regex number("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
        const std::string &text = node.Scalar();
        // yaml-cpp gives quoted scalars the tag "!" and plain ones "?".
        if (node.Tag() == "!")
            return writeText(text);
        if (node.Tag() != "?")
            throw mistake(node, "the tag " + node.Tag() + " is not understood");
        if (text == "true" || text == "false")
            m_writer.Bool(text == "true");
        else if (text == "null" || text == "~")
            m_writer.Null();
        else if (std::regex_match(text, integer))
            m_writer.Int64(std::stoll(text));
        else if (std::regex_match(text, number))
            m_writer.Double(std::stod(text));
        else
            writeText(text);
    }

    void writeText(std::string text)
    {
        static const std::string placeholder = "@VERSION@";
        for (size_t at = text.find(placeholder); at != std::string::npos;
             at = text.find(placeholder, at + m_version.size()))
            text.replace(at, placeholder.size(), m_version);
        m_writer.String(text.c_str(), static_cast<rapidjson::SizeType>(text.size()));
    }

    Writer &m_writer;
    std::string m_version;
};

void checkReferences(const rapidjson::Value &value, const rapidjson::Document &document)
{
    if (value.IsArray()) {
        for (const auto &item : value.GetArray())
            checkReferences(item, document);
    } else if (value.IsObject()) {
        for (const auto &member : value.GetObject()) {
            if (member.name == "$ref" && member.value.IsString()) {
                const rapidjson::Pointer target(member.value.GetString());
                if (!target.IsValid() || !target.Get(document)) {
                    throw std::runtime_error("the $ref " + std::string(member.value.GetString())
                                             + " leads nowhere");
                }
            }
            checkReferences(member.value, document);
        }
    }
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 4) {
        std::cerr << "Usage: openapi_compiler SOURCE.yaml TARGET.json VERSION\n";
        return 2;
    }
    try {
        rapidjson::StringBuffer json;
        Writer writer(json);
        Converter(writer, argv[3]).convert(YAML::LoadFile(argv[1]));
        rapidjson::Document document;
        document.Parse(json.GetString(), json.GetSize());
        checkReferences(document, document);
        std::ofstream target(argv[2], std::ios::binary | std::ios::trunc);
        target.write(json.GetString(), static_cast<std::streamsize>(json.GetSize()));
        target.close();
        if (!target)
            throw std::runtime_error(std::string("cannot write ") + argv[2]);
    } catch (const std::exception &problem) {
        std::cerr << argv[1] << ": " << problem.what() << '\n';
        return 1;
    }
    return 0;
}
