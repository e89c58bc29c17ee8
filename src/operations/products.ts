/** A product of the vendor. All of them answer at one endpoint; the `Version` of a call chooses. */
export type Product = 'live' | 'ram' | 'sts';

/** The one version that is spoken of each product. */
export const API_VERSIONS: Readonly<Record<Product, string>> = {
  live: '2016-11-01',
  ram: '2015-05-01',
  sts: '2015-04-01',
};

/** The product of a version, or undefined when no product has it. */
export function productOf(version: string): Product | undefined {
  return (Object.keys(API_VERSIONS) as Product[]).find((product) => API_VERSIONS[product] === version);
}
