#pragma once

namespace banyan::test {

/// Sanitizers take memory of their own, and want to be loaded first.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace banyan::test
