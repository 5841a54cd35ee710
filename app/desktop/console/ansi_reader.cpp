#include "app/desktop/console/ansi_reader.h"

#include <QByteArrayList>

#include <array>
#include <vector>

namespace skillbox {
namespace {

/// No real sequence has more; the rest of a longer one is passed over.
constexpr qsizetype mostParameterBytes = 128;

constexpr auto specialBytes = [] {
    std::array<bool, 256> special{};
    for (size_t byte = 0; byte < 0x20; ++byte)
        special[byte] = byte != '\t';
    special[0x7f] = true;
    return special;
}();

/// 38 and 48 take parameters of their own: `5;n` or `2;r;g;b`. Returns how many were taken.
size_t readColor(const std::vector<int> &values, size_t at, quint32 &color)
{
    const auto value = [&](size_t offset) {
        return at + offset < values.size() ? qBound(0, values[at + offset], 255) : 0;
    };
    if (value(1) == 5) {
        color = static_cast<quint32>(value(2)) + 1;
        return 2;
    }
    if (value(1) == 2) {
        color = TextLook::rgbFlag | static_cast<quint32>(value(2)) << 16
            | static_cast<quint32>(value(3)) << 8 | static_cast<quint32>(value(4));
        return 4;
    }
    return 0;
}

} // namespace

void AnsiReader::read(QByteArrayView utf8, Receiver &receiver)
{
    const char *at = utf8.data();
    const char *const end = at + utf8.size();
    while (at < end) {
        if (m_state != State::Text) {
            readInSequence(*at++, receiver);
            continue;
        }
        const char *start = at;
        while (at < end && !specialBytes[static_cast<unsigned char>(*at)])
            ++at;
        if (at > start)
            receiver.text(QByteArrayView(start, at - start));
        if (at == end)
            return;
        switch (*at++) {
        case '\n': receiver.newLine(); break;
        case '\r': receiver.carriageReturn(); break;
        case 0x1b: m_state = State::Escape; break;
        default: break; // bells, backspaces and the like
        }
    }
}

void AnsiReader::readInSequence(char byte, Receiver &receiver)
{
    const auto code = static_cast<unsigned char>(byte);
    // A line end ends whatever was begun: a broken sequence must not swallow the log.
    if (byte == '\n') {
        m_state = State::Text;
        receiver.newLine();
        return;
    }
    switch (m_state) {
    case State::Text: break;
    case State::Escape:
        if (byte == '[') {
            m_parameters.clear();
            m_state = State::Control;
        } else if (byte == ']' || byte == 'P' || byte == '_' || byte == '^' || byte == 'X') {
            m_state = State::String;
        } else {
            m_state = code >= 0x20 && code < 0x30 ? State::EscapeOther : State::Text;
        }
        break;
    case State::EscapeOther:
        if (code >= 0x30)
            m_state = State::Text;
        break;
    case State::Control:
        if (code >= 0x40 && code <= 0x7e) {
            if (byte == 'm')
                applyGraphics(receiver);
            m_state = State::Text;
        } else if (byte == 0x1b) {
            m_state = State::Escape;
        } else if (m_parameters.size() < mostParameterBytes) {
            m_parameters += byte;
        }
        break;
    case State::String:
        if (byte == 0x07)
            m_state = State::Text;
        else if (byte == 0x1b)
            m_state = State::StringEscape;
        break;
    case State::StringEscape: m_state = byte == '\\' ? State::Text : State::String; break;
    }
}

void AnsiReader::applyGraphics(Receiver &receiver)
{
    std::vector<int> values;
    QByteArray text = m_parameters;
    text.replace(':', ';');
    for (const QByteArray &part : text.split(';')) {
        bool ok = true;
        const int value = part.isEmpty() ? 0 : part.toInt(&ok);
        if (!ok)
            return; // a private sequence that ends in m
        values.push_back(value);
    }
    for (size_t i = 0; i < values.size(); ++i) {
        const int value = values[i];
        const auto color = [](int entry) { return static_cast<quint32>(entry) + 1; };
        if (value == 0)
            m_look = {};
        else if (value == 1)
            m_look.bold = true;
        else if (value == 2)
            m_look.faint = true;
        else if (value == 3)
            m_look.italic = true;
        else if (value == 4 || value == 21)
            m_look.underlined = true;
        else if (value == 7)
            m_look.inverse = true;
        else if (value == 9)
            m_look.struck = true;
        else if (value == 22)
            m_look.bold = m_look.faint = false;
        else if (value == 23)
            m_look.italic = false;
        else if (value == 24)
            m_look.underlined = false;
        else if (value == 27)
            m_look.inverse = false;
        else if (value == 29)
            m_look.struck = false;
        else if (value >= 30 && value <= 37)
            m_look.foreground = color(value - 30);
        else if (value == 38)
            i += readColor(values, i, m_look.foreground);
        else if (value == 39)
            m_look.foreground = 0;
        else if (value >= 40 && value <= 47)
            m_look.background = color(value - 40);
        else if (value == 48)
            i += readColor(values, i, m_look.background);
        else if (value == 49)
            m_look.background = 0;
        else if (value >= 90 && value <= 97)
            m_look.foreground = color(value - 90 + 8);
        else if (value >= 100 && value <= 107)
            m_look.background = color(value - 100 + 8);
    }
    receiver.look(m_look);
}

} // namespace skillbox
