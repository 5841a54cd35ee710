#pragma once

#include <QByteArrayView>

#include <QByteArray>

namespace skillbox {

/// What escape sequences ask a terminal to make of the text after them.
struct TextLook {
    /// 0: the usual one; 1–256: entry `value - 1` of the terminal's palette; from `rgbFlag` on:
    /// red, green and blue in the lowest 24 bits.
    quint32 foreground = 0;
    quint32 background = 0;
    bool bold = false;
    bool faint = false;
    bool italic = false;
    bool underlined = false;
    bool struck = false;
    bool inverse = false;

    static constexpr quint32 rgbFlag = 1u << 24;
    friend bool operator==(const TextLook &a, const TextLook &b) = default;
};

/// Takes the control characters out of what a program wrote for a terminal (ECMA-48). Colours and
/// weights are told, all else is dropped: nothing moves a cursor or sets a title here. Sequences
/// may be cut anywhere between two calls.
class AnsiReader
{
public:
    class Receiver
    {
    public:
        virtual ~Receiver() = default;
        virtual void text(QByteArrayView utf8) = 0; ///< no control characters but tabs
        virtual void newLine() = 0;
        virtual void carriageReturn() = 0;
        virtual void look(const TextLook &look) = 0;
    };

    void read(QByteArrayView utf8, Receiver &receiver);

private:
    enum class State { Text, Escape, EscapeOther, Control, String, StringEscape };
    void readInSequence(char byte, Receiver &receiver);
    void applyGraphics(Receiver &receiver);

    State m_state = State::Text;
    QByteArray m_parameters;
    TextLook m_look;
};

} // namespace skillbox
