import { csharp } from './csharp.ts';
import { curl } from './curl.ts';
import { go } from './go.ts';
import { java } from './java.ts';
import { php } from './php.ts';
import { python } from './python.ts';
import type { SampleLanguage } from './sample.ts';
import { sluiceCall } from './sluice-call.ts';
import { typescript } from './typescript.ts';

/** Every language that calls are shown in. */
export const SAMPLE_LANGUAGES: readonly SampleLanguage[] = [
  sluiceCall,
  curl,
  typescript,
  python,
  java,
  go,
  php,
  csharp,
];
